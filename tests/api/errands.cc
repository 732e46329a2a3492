// SPDX-License-Identifier: Apache-2.0
#include "tests/api/errands.h"

#include <csignal>
#include <iostream>

namespace vozex::api_test {
namespace {

using test::WireReply;

constexpr const char* k_partner = R"(
vozex: 1
adapter: partner
http: {timeout: 20s}
types: {receipt: {ref: string}}
operations:
  send:
    input: {to: string}
    output: {ref: string}
    errors: [closed]
    repeat: by_key
    idempotency_header: Idempotency-Key
    request: {method: POST, path: "/send/${input.to}"}
    answers:
      200: {output: {ref: "${input.to}"}}
      410: {error: closed}
      503: {error: unavailable, retryable: true}
  order:
    input: {to: string}
    output: {ref: string}
    repeat: never
    ask: find
    ask_after: 100ms
    request: {method: POST, path: "/order/${input.to}"}
    answers: {200: {output: {ref: "${input.to}"}}}
  find:
    input: {to: string}
    output: {outcome: enum(happened|not_happened|unclear), result: optional<receipt>}
    request: {method: GET, path: "/find/${input.to}"}
    answers:
      200: {output: {outcome: happened, result: {ref: found}}}
      404: {output: {outcome: not_happened}}
  look:
    input: {to: string}
    output: {ref: string}
    request: {method: GET, path: "/look/${input.to}"}
    answers: {200: {output: {ref: "${input.to}"}}}
  pay:
    input: {to: string}
    output: {ref: string}
    repeat: never
    request: {method: POST, path: "/pay/${input.to}"}
    answers: {200: {output: {ref: "${input.to}"}}}
)";

constexpr const char* k_errand = R"(
vozex: 1
workflow: errand
version: 1
key: input.to
input: {to: string, how: enum(send|hurry|order|pay|look)}
data: {ref: optional<string>, code: optional<string>}
policies:
  stubborn: {attempts: 40, backoff: 20ms, factor: 1, max: 20ms, jitter: 0}
  hasty: {attempts: 40, backoff: 20ms, factor: 1, max: 20ms, jitter: 0, deadline: 1500ms}
events:
  errand.drop: {data: {to: string}, match: event.data.to, unhandled: ignore}
warnings: {VZ0611: an incident is wanted, VZ0615: so it is, VZ0623: nobody knows}
initial: choosing
states:
  choosing:
    always:
      - {when: "input.how == 'send'", target: sending}
      - {when: "input.how == 'hurry'", target: hurrying}
      - {when: "input.how == 'order'", target: ordering}
      - {when: "input.how == 'look'", target: looking}
      - {target: paying}
  sending:
    on: {errand.drop: dropped}
    invoke:
      call: partner.send
      with: {to: "${input.to}"}
      retry: stubborn
      on_done: {target: done, set: {ref: "${result.ref}"}}
      on_error: {target: failed, set: {code: "${error.code}"}}
  hurrying:
    invoke:
      call: partner.send
      with: {to: "${input.to}"}
      timeout: 300ms
      retry: hasty
      on_done: {target: done, set: {ref: "${result.ref}"}}
      on_error: {target: failed, set: {code: "${error.code}"}}
  ordering:
    invoke:
      call: partner.order
      with: {to: "${input.to}"}
      retry: stubborn
      on_done: {target: done, set: {ref: "${result.ref}"}}
      on_error: {target: failed, set: {code: "${error.code}"}}
  looking:
    on: {errand.drop: dropped}
    invoke: {call: partner.look, with: {to: "${input.to}"}, on_done: done, on_error: failed}
  paying:
    invoke: {call: partner.pay, with: {to: "${input.to}"}, retry: stubborn, on_done: done}
  dropped: {after: {30d: done}}
  done: {type: final}
  failed: {type: final, outcome: failed, error: {code: failed}}
)";

// What happens depends on whom it is sent to.
WireReply answer(const Partner::Request& request) {
  const auto about = [&](const std::string& text) { return request.what.ends_with("/" + text); };
  const bool asks = request.what.starts_with("GET");
  if (about("gone")) return WireReply::answer(410, "{}");
  if (about("tired") && request.times <= 10) return WireReply::answer(503, "{}");
  if (about("later") && request.times == 1) return WireReply::answer(429, "{}", {"Retry-After: 2"});
  if (about("lost") && !asks) return WireReply::answer(500, "{}");
  if (about("unlucky") && asks) return WireReply::answer(404, "{}");
  if (about("unlucky") && request.times == 1) return WireReply::answer(500, "{}");
  return WireReply::answer(200, "{}");
}

}  // namespace

Errands::Errands() : partner_(&answer) {}

void Errands::SetUp() {
  if (!is_available(GetParam())) GTEST_SKIP() << "no VOZEX_TEST_POSTGRES";
  write_text(folder_ / "vozex.yaml",
             "adapters: {partner: {base: \"" + partner_.url() +
                 "\", concurrency: " + std::to_string(k_at_once) + "}}\n");
  town_ = std::make_unique<Town>(GetParam(),
                                 std::vector<std::string>{"--config",
                                                          folder_ / "vozex.yaml",
                                                          "--session-lease",
                                                          "1500ms",
                                                          "--session-beat",
                                                          "300ms"});
  const Answer deployed = town_->post("/v1/workflows",
                                      {{"files",
                                        {{{"name", "partner.yaml"}, {"text", k_partner}},
                                         {{"name", "errand.yaml"}, {"text", k_errand}}}}});
  ASSERT_EQ(deployed.status, 200) << deployed.body;
}

void Errands::TearDown() {
  if (HasFailure() && town_ != nullptr) std::cout << town_->server_log();
}

void Errands::start(const std::string& to, const std::string& how) {
  const Answer started =
      town_->post("/v1/instances", {{"workflow", "errand"}, {"input", {{"to", to}, {"how", how}}}});
  ASSERT_EQ(started.status, 201) << started.body;
}

void Errands::drop(const std::string& to) {
  const Answer dropped = town_->post(
      "/v1/events",
      {{"id", "drop-" + to}, {"source", "test"}, {"type", "errand.drop"}, {"data", {{"to", to}}}});
  ASSERT_EQ(dropped.status, 200) << dropped.body;
  EXPECT_EQ(town_->state_of("errand", to), "dropped");
}

void Errands::restart_killed() {
  town_->server().kill(SIGKILL);
  town_->server().wait();
  town_->start_server();
  ASSERT_TRUE(town_->wait_until_ready()) << town_->server_log();
}

std::string Errands::history(const std::string& to) const {
  const std::string id = town_->instance("errand", to)["id"];
  return town_->get("/v1/instances/" + id + "/history").body;
}

}  // namespace vozex::api_test
