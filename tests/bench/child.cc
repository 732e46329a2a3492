// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/child.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "engine/base/assert.h"

namespace vozex::bench {
namespace {

pid_t launch(const std::vector<std::string>& command, const Environment& environment, int output) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t child = ::fork();
  VOZEX_ASSERT(child >= 0);
  if (child > 0) return child;
  for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

Child::Child(const std::vector<std::string>& command,
             const std::string& log,
             const Environment& environment) {
  const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  VOZEX_ASSERT(output >= 0);
  child_ = launch(command, environment, output);
  ::close(output);
}

bool Child::alive() {
  if (child_ > 0 && ::waitpid(child_, nullptr, WNOHANG) == child_) child_ = -1;
  return child_ > 0;
}

double Child::cpu_seconds() const {
  std::istringstream words(read_file("/proc/" + std::to_string(child_) + "/stat"));
  std::string word;
  double ticks = 0;
  // utime and stime are the 14th and 15th; the name in brackets has no space in our programs.
  for (int i = 1; i <= 15 && words >> word; ++i) {
    if (i >= 14) ticks += std::strtod(word.c_str(), nullptr);
  }
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

// Asks it to end, and after ten seconds no longer asks.
Child::~Child() {
  if (!alive()) return;
  ::kill(child_, SIGTERM);
  for (int i = 0; i < 1000 && alive(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  if (!alive()) return;
  ::kill(child_, SIGKILL);
  ::waitpid(child_, nullptr, 0);
}

Finished run_to_end(const std::vector<std::string>& command, const Environment& environment) {
  int ends[2];
  VOZEX_ASSERT(::pipe2(ends, O_CLOEXEC) == 0);
  const double begin = now_seconds();
  const pid_t child = launch(command, environment, ends[1]);
  ::close(ends[1]);
  Finished finished;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
    finished.output.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  int status = 0;
  rusage used{};
  ::wait4(child, &status, 0, &used);
  finished.wall_seconds = now_seconds() - begin;
  finished.cpu_seconds = seconds(used.ru_utime) + seconds(used.ru_stime);
  finished.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return finished;
}

Folder::Folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "vozex-bench.XXXXXX").string();
  VOZEX_ASSERT(::mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void write_file(const std::string& path, const std::string& text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path) << text;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  VOZEX_ASSERT(::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0);
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(socket);
  return ntohs(address.sin_port);
}

double own_cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// The first line of proc(5)'s stat, in ticks: user, nice, system, idle, iowait, irq, softirq.
Cores cores() {
  std::istringstream words(read_file("/proc/stat"));
  std::string word;
  words >> word;
  Cores all;
  for (int i = 1; i <= 7 && words >> word; ++i) {
    const bool idle = i == 4 || i == 5;
    (idle ? all.idle_seconds : all.busy_seconds) += std::strtod(word.c_str(), nullptr);
  }
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  return {all.idle_seconds / ticks, all.busy_seconds / ticks};
}

double now_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace vozex::bench
