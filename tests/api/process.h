// SPDX-License-Identifier: Apache-2.0
//
// Process: the real program as a child, its output in a file. Killed and collected when it goes out
// of scope.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

namespace vozex::api_test {

class Process {
 public:
  // Runs VOZEX_BINARY with these arguments; `environment` is added to ours, output goes to the end
  // of `log`.
  Process(const std::vector<std::string>& arguments,
          const std::map<std::string, std::string>& environment,
          std::string log);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void kill(int signal);
  // Waits for its end: the exit code, or 128 + the signal that ended it.
  int wait();
  bool alive();
  pid_t id() const { return child_; }
  // What it has in memory now, in bytes; 0 when it is gone.
  std::size_t resident() const;

 private:
  pid_t child_ = -1;
  int status_ = 0;
};

// Runs the program to its end.
struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
};
Outcome run(const std::vector<std::string>& arguments,
            const std::map<std::string, std::string>& environment = {});

// A folder that goes when this does.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string read_text(const std::string& path);
void write_text(const std::string& path, const std::string& text);

// Ports of loopback on which nobody listened a moment ago.
int free_port();

}  // namespace vozex::api_test
