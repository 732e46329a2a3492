// SPDX-License-Identifier: Apache-2.0
#include "tests/api/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace vozex::api_test {
namespace {

int exit_code_of(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

pid_t spawn(const std::vector<std::string>& arguments,
            const std::map<std::string, std::string>& environment,
            const std::string& out,
            const std::string& err) {
  std::vector<std::string> words = {VOZEX_BINARY};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (!std::string_view(*variable).starts_with("VOZEX_")) variables.emplace_back(*variable);
  }
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  std::vector<char*> variable_pointers;
  for (std::string& variable : variables) variable_pointers.push_back(variable.data());
  variable_pointers.push_back(nullptr);
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int out_file = ::open(out.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  const int err_file =
      err == out ? out_file : ::open(err.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(out_file, STDOUT_FILENO);
  ::dup2(err_file, STDERR_FILENO);
  ::execve(VOZEX_BINARY, pointers.data(), variable_pointers.data());
  ::_exit(127);
}

}  // namespace

Process::Process(const std::vector<std::string>& arguments,
                 const std::map<std::string, std::string>& environment,
                 std::string log)
    : child_(spawn(arguments, environment, log, log)) {}

Process::~Process() {
  if (child_ <= 0) return;
  kill(SIGKILL);
  wait();
}

void Process::kill(int signal) {
  if (child_ > 0) ::kill(child_, signal);
}

int Process::wait() {
  if (child_ > 0) {
    ::waitpid(child_, &status_, 0);
    child_ = -1;
  }
  return exit_code_of(status_);
}

bool Process::alive() {
  if (child_ > 0 && ::waitpid(child_, &status_, WNOHANG) == child_) child_ = -1;
  return child_ > 0;
}

std::size_t Process::resident() const {
  const std::string text = read_text("/proc/" + std::to_string(child_) + "/status");
  constexpr std::string_view k_name = "VmRSS:";
  const std::size_t at = text.find(k_name);
  return at == std::string::npos ? 0 : std::stoul(text.substr(at + k_name.size())) << 10;
}

Outcome run(const std::vector<std::string>& arguments,
            const std::map<std::string, std::string>& environment) {
  const TemporaryFolder folder;
  const pid_t child = spawn(arguments, environment, folder / "out", folder / "err");
  int status = 0;
  ::waitpid(child, &status, 0);
  return {exit_code_of(status), read_text(folder / "out"), read_text(folder / "err")};
}

TemporaryFolder::TemporaryFolder() {
  char path[] = "/tmp/vozex-api-test.XXXXXX";
  if (::mkdtemp(path) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = path;
}

TemporaryFolder::~TemporaryFolder() {
  if (std::getenv("VOZEX_KEEP_TEST_FILES") != nullptr) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

void write_text(const std::string& path, const std::string& text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

namespace {

bool is_free(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  const bool bound = ::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  return bound;
}

}  // namespace

// Below those that the kernel gives to connections, which would take a port between this look and
// its use. Each process begins somewhere else.
int free_port() {
  constexpr int first = 10'000;
  constexpr int count = 20'000;
  static std::atomic<int> next{static_cast<int>(::getpid() * 97L % count)};
  for (int tries = 0; tries < count; ++tries) {
    const int port = first + next++ % count;
    if (is_free(port)) return port;
  }
  return 0;
}

}  // namespace vozex::api_test
