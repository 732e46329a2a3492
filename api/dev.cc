// SPDX-License-Identifier: Apache-2.0
// `vozex dev`: a whole house on loopback. Secrets are made once and stay in the state folder; the
// sandbox is a process of its own, so that it survives whatever happens to the engine.
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>

#include "adapters/system/random.h"
#include "api/cli/exit_codes.h"
#include "api/cli/files.h"
#include "api/cli/output.h"
#include "api/dev_files.h"
#include "api/house.h"
#include "api/logging.h"
#include "api/storage.h"
#include "engine/types/json.h"

namespace vozex::program {
namespace {

using types::Value;

// The sandbox in a process of its own, which ends with this one.
class SandboxProcess {
 public:
  explicit SandboxProcess(std::vector<std::string> arguments) {
    const pid_t parent = ::getpid();
    child_ = ::fork();
    if (child_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(0);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    std::vector<char*> pointers;
    pointers.reserve(arguments.size() + 1);
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    ::execv("/proc/self/exe", pointers.data());
    ::_exit(cli::k_bug);
  }
  ~SandboxProcess() {
    if (child_ <= 0 || !alive()) return;
    ::kill(child_, SIGTERM);
    ::waitpid(child_, nullptr, 0);
  }
  SandboxProcess(const SandboxProcess&) = delete;
  SandboxProcess& operator=(const SandboxProcess&) = delete;

  bool alive() {
    if (child_ > 0 && ::waitpid(child_, nullptr, WNOHANG) == child_) child_ = -1;
    return child_ > 0;
  }

 private:
  pid_t child_ = -1;
};

std::string paypal_ca_of(const cli::DevSettings& settings) {
  return settings.state + "/paypal-ca.pem";
}

std::vector<std::string> sandbox_arguments(const cli::DevSettings& settings,
                                           const DevFiles& files) {
  return {"vozex",
          "sandbox",
          "--listen",
          settings.sandbox_listen,
          "--webhook-url",
          "http://" + settings.listen + "/webhooks/dodo",
          "--api-key",
          "file:" + files.gateway_key,
          "--webhook-secret",
          "file:" + files.webhook_secret};
}

cli::ServeSettings serve_settings(const cli::DevSettings& settings, const DevFiles& files) {
  cli::ServeSettings serve;
  serve.listen = settings.listen;
  serve.store = settings.store;
  serve.state = settings.state;
  serve.workflows = settings.workflows;
  serve.log = settings.log;
  serve.adapters = settings.adapters;
  serve.keys = {{"dev", "file:" + files.api_key}};
  serve.gateways = Value::object(
      {{"dodo",
        Value::object(
            {{"base_url", Value::string("http://" + settings.sandbox_listen)},
             {"api_key", Value::string("file:" + files.gateway_key)},
             {"webhook_secrets", Value::list({Value::string("file:" + files.webhook_secret)})},
             {"product_ref", Value::string("prod_vozex_demo")}})},
       {"paypal",
        Value::object(
            {{"base_url", Value::string("http://" + settings.sandbox_listen + "/paypal")},
             {"client_id", Value::string("file:" + files.gateway_key)},
             {"client_secret", Value::string("file:" + files.gateway_key)},
             {"webhook_ids", Value::list({Value::string("WH-SANDBOX")})},
             {"certificate_origin", Value::string("http://" + settings.sandbox_listen + "/paypal")},
             {"ca_file", Value::string(paypal_ca_of(settings))},
             {"return_url", Value::string("http://" + settings.sandbox_listen + "/")}})},
       {"stripe",
        Value::object(
            {{"base_url", Value::string("http://" + settings.sandbox_listen + "/stripe")},
             {"api_key", Value::string("file:" + files.gateway_key)},
             {"webhook_secrets", Value::list({Value::string("file:" + files.webhook_secret)})},
             {"return_url", Value::string("http://" + settings.sandbox_listen + "/")}})}});
  return completed(serve);
}

void welcome(const cli::DevSettings& settings,
             const cli::ServeSettings& serve,
             const std::string& key) {
  const std::string api = "http://" + settings.listen;
  std::cerr
      << "\nVOZEX is up. Everything is on this machine, nothing costs money.\n\n"
      << "  API          " << api << "   key: " << key << "\n"
      << "  metrics      " << api << "/metrics\n"
      << "  gateways     http://" << settings.sandbox_listen
      << "   Dodo Payments, PayPal and Stripe to play with: \"gateway\": \"dodo\", \"paypal\" or "
         "\"stripe\"\n"
      << "  store        " << public_text(serve.store) << "\n"
      << "  state        " << serve.state
      << "   (keys, database, files to deliver; delete it to begin anew)\n\n"
      << "Buy something, from another terminal:\n\n"
      << "  curl -s " << api << "/v1/checkouts -H 'authorization: Bearer " << key
      << "' -H 'content-type: application/json' -d '{\n"
      << "    \"order_id\": \"o-1\", \"gateway\": \"dodo\", \"customer\": {\"email\": "
         "\"ann@example.com\"},\n"
      << "    \"items\": [{\"product_id\": \"editor\", \"title\": \"Text editor\", "
         "\"driver\": \"license_download\",\n"
      << "               \"price\": {\"minor\": 4900, \"currency\": \"USD\"}, \"config\": "
         "{\"seats\": 1}}]}'\n\n"
      << "Open the checkout_url of the answer and pay. Then look (`vozex` finds this server "
         "by itself in this folder):\n\n"
      << "  vozex instance ls\n"
      << "  vozex instance why order/o-1\n"
      << "  vozex instance show fulfillment_license_download/o-1-1 -o json     the licence "
         "and its download link\n\n"
      << "Ctrl-C ends it; what was under way goes on at the next start.\n\n";
}

int run(const cli::DevSettings& settings, const DevFiles& files) {
  ::setenv("VOZEX_SANDBOX_PAYPAL_CA", paypal_ca_of(settings).c_str(), 1);
  SandboxProcess sandbox(sandbox_arguments(settings, files));
  const cli::ServeSettings serve = serve_settings(settings, files);
  auto house = House::open(serve);
  Result<void> running;
  if (house) running = (*house)->run();
  if (!house || !running) {
    cli::say_error(house ? running.error() : house.error());
    if (house) (*house)->stop();
    cli::say("If this is about the state of an earlier start: it is in " + settings.state +
             ", and may be deleted.");
    return cli::k_findings;
  }
  if (!sandbox.alive()) {
    cli::say("error: the gateway could not start on " + settings.sandbox_listen +
             ": choose another address with --sandbox-listen.");
    (*house)->stop();
    return cli::k_unreachable;
  }
  const auto key = cli::read_file(files.api_key);
  welcome(settings, serve, key ? *key : "");
  wait_for_end();
  spdlog::info("stopping: finishing what is under way");
  (*house)->stop();
  return cli::k_ok;
}

}  // namespace

int dev(const cli::DevSettings& settings) {
  set_up_logging(settings.log);
  block_end_signals();
  if (settings.workflows.empty()) {
    cli::say(
        "error: the workflows are not beside the program: say where they are with --workflows");
    return cli::k_not_found;
  }
  system::SystemRandom random;
  const auto files = make_dev_files(settings.state, "http://" + settings.listen, random);
  if (!files) {
    cli::say_error(files.error());
    return cli::k_findings;
  }
  return run(settings, *files);
}

}  // namespace vozex::program
