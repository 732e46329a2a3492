// SPDX-License-Identifier: Apache-2.0
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include "api/cli/exit_codes.h"
#include "api/cli/output.h"
#include "api/house.h"
#include "api/logging.h"

namespace vozex::program {
namespace {

sigset_t end_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGINT);
  ::sigaddset(&set, SIGTERM);
  return set;
}

// Many connections want many descriptors.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

int exit_code_of(const Error& error) {
  if (error.kind == ErrorClass::unavailable) return cli::k_unreachable;
  if (error.kind == ErrorClass::conflict) return cli::k_conflict;
  if (error.kind == ErrorClass::refused) return cli::k_refused;
  return cli::k_findings;
}

}  // namespace

void block_end_signals() {
  const sigset_t set = end_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  // A file that may not grow is a full disk: the write fails, the process stays.
  ::signal(SIGXFSZ, SIG_IGN);
}

void wait_for_end() {
  const sigset_t set = end_signals();
  int which = 0;
  ::sigwait(&set, &which);
}

int serve(const cli::ServeSettings& settings) {
  set_up_logging(settings.log);
  block_end_signals();
  raise_descriptor_limit();
  auto house = House::open(settings);
  if (!house) {
    cli::say_error(house.error());
    return exit_code_of(house.error());
  }
  if (auto running = (*house)->run(); !running) {
    cli::say_error(running.error());
    (*house)->stop();
    return exit_code_of(running.error());
  }
  wait_for_end();
  spdlog::info("stopping: finishing what is under way");
  (*house)->stop();
  spdlog::info("stopped");
  return cli::k_ok;
}

}  // namespace vozex::program
