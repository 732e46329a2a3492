// SPDX-License-Identifier: Apache-2.0
#include "api/cli/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

extern char** environ;

namespace vozex::cli {
namespace {

using Clock = std::chrono::steady_clock;

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { close(); }
  void close() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }
  int get() const { return number_; }
  bool is_open() const { return number_ >= 0; }

 private:
  int number_ = -1;
};

struct Pipe {
  Descriptor read;
  Descriptor write;
};

bool open_pipe(Pipe& pipe) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
  pipe = {Descriptor(ends[0]), Descriptor(ends[1])};
  return true;
}

Failure failed(const std::string& program, const std::string& why) {
  return fail(ErrorClass::unavailable, "program_failed", program + ": " + why);
}

// The child, and our ends of its three pipes.
class Child {
 public:
  ~Child() {
    if (id_ > 0) {
      ::kill(id_, SIGKILL);
      reap();
    }
  }

  Result<void> start(const std::vector<std::string>& arguments) {
    const std::string& program = arguments.front();
    Pipe in;
    Pipe out;
    Pipe err;
    if (!open_pipe(in) || !open_pipe(out) || !open_pipe(err))
      return failed(program, std::strerror(errno));
    std::vector<char*> words;
    words.reserve(arguments.size() + 1);
    for (const std::string& argument : arguments)
      words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, in.read.get(), STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, out.write.get(), STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, err.write.get(), STDERR_FILENO);
    const int error =
        ::posix_spawnp(&id_, program.c_str(), &actions, nullptr, words.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
      id_ = -1;
      if (error == ENOENT)
        return fail(ErrorClass::not_found, "program_missing", "there is no program " + program);
      return failed(program, std::strerror(error));
    }
    input_ = std::move(in.write);
    output_ = std::move(out.read);
    error_ = std::move(err.read);
    ::fcntl(input_.get(), F_SETFL, O_NONBLOCK);
    return {};
  }

  // Feeds it and hears it out. Error program_timeout, program_output_too_large.
  Result<void> talk(const std::string& input, const ChildLimits& limits, ChildOutput& said) {
    const auto end = Clock::now() + limits.timeout;
    std::size_t sent = 0;
    if (input.empty()) input_.close();
    while (output_.is_open() || error_.is_open()) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
      std::array<pollfd, 3> waits{
          {{input_.get(), POLLOUT, 0}, {output_.get(), POLLIN, 0}, {error_.get(), POLLIN, 0}}};
      const int ready =
          left.count() > 0 ? ::poll(waits.data(), waits.size(), static_cast<int>(left.count())) : 0;
      if (ready < 0 && errno == EINTR) continue;
      if (ready <= 0) {
        return fail(ErrorClass::unavailable,
                    "program_timeout",
                    "no end after " + std::to_string(limits.timeout.count()) + " ms");
      }
      if (waits[0].revents != 0) feed(input, sent);
      if (waits[1].revents != 0) hear(output_, said.out, limits.max_output_bytes + 1);
      if (waits[2].revents != 0) hear(error_, said.err, k_max_child_error_bytes);
      if (said.out.size() > limits.max_output_bytes) {
        return fail(ErrorClass::invalid,
                    "program_output_too_large",
                    "more than " + std::to_string(limits.max_output_bytes) + " bytes came");
      }
    }
    return {};
  }

  int reap() {
    int status = 0;
    while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) {
    }
    id_ = -1;
    return status;
  }

 private:
  void feed(const std::string& input, std::size_t& sent) {
    const ssize_t count = ::write(input_.get(), input.data() + sent, input.size() - sent);
    if (count > 0) sent += static_cast<std::size_t>(count);
    const bool broken = count < 0 && errno != EAGAIN && errno != EINTR;
    if (broken || sent == input.size()) input_.close();
  }

  // What is beyond `most` is read and dropped.
  static void hear(Descriptor& from, std::string& into, std::size_t most) {
    std::array<char, 16384> buffer;
    const ssize_t count = ::read(from.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) return;
    if (count <= 0) return from.close();
    into.append(buffer.data(), static_cast<std::size_t>(count));
    if (into.size() > most) into.resize(most);
  }

  pid_t id_ = -1;
  Descriptor input_;
  Descriptor output_;
  Descriptor error_;
};

// A child that ends without reading must not end us.
class NoPipeSignal {
 public:
  NoPipeSignal() {
    struct sigaction ignore{};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &ignore, &before_);
  }
  ~NoPipeSignal() { ::sigaction(SIGPIPE, &before_, nullptr); }

 private:
  struct sigaction before_{};
};

}  // namespace

Result<ChildOutput> run_child(const std::vector<std::string>& arguments,
                              const std::string& input,
                              const ChildLimits& limits) {
  const NoPipeSignal quiet;
  Child child;
  if (auto started = child.start(arguments); !started) return tl::unexpected(started.error());
  ChildOutput said;
  if (auto talked = child.talk(input, limits, said); !talked) {
    Error error = talked.error();
    error.message = arguments.front() + ": " + error.message;
    return tl::unexpected(error);
  }
  const int status = child.reap();
  if (!WIFEXITED(status)) return failed(arguments.front(), "it was ended by a signal");
  said.exit_code = WEXITSTATUS(status);
  return said;
}

}  // namespace vozex::cli
