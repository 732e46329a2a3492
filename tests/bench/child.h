// SPDX-License-Identifier: Apache-2.0
//
// Child: another program while it runs beside the benchmark; ended with this object. And running
// one to its end. Thread rule: one thread.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

namespace vozex::bench {

using Environment = std::map<std::string, std::string>;

class Child {
 public:
  // Output goes to the end of `log`. The program is found by path.
  Child(const std::vector<std::string>& command,
        const std::string& log,
        const Environment& environment = {});
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t id() const { return child_; }
  bool alive();
  // Processor time in seconds that it has used so far, with its threads.
  double cpu_seconds() const;

 private:
  pid_t child_ = -1;
};

struct Finished {
  int code = -1;
  std::string output;  // both streams
  double wall_seconds = 0;
  double cpu_seconds = 0;
};
Finished run_to_end(const std::vector<std::string>& command, const Environment& environment = {});

// A folder that goes when this does.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void write_file(const std::string& path, const std::string& text);
std::string read_file(const std::string& path);

// A port of loopback on which nobody listened a moment ago.
int free_port();

double now_seconds();  // of a clock that only goes forward

// Processor time of this program so far.
double own_cpu_seconds();
// Of the whole machine since it was started: what its cores did nothing in, and what they did
// anything in, summed over them.
struct Cores {
  double idle_seconds = 0;
  double busy_seconds = 0;
};
Cores cores();

}  // namespace vozex::bench
