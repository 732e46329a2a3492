// SPDX-License-Identifier: Apache-2.0
#include "api/handlers/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "adapters/system/clock.h"
#include "adapters/system/random.h"

namespace vozex::handlers {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

// The store is away whenever `away` says so.
class Book final : public ports::AuditLog {
 public:
  Result<void> begin(const ports::AuditEntry& entry) override {
    if (away) return fail(ErrorClass::unavailable, "store", "no connection");
    entries_.push_back(entry);
    return {};
  }
  Result<void> finish(const ports::AuditId& id,
                      const ports::AuditOutcome& outcome,
                      const std::string& target,
                      const std::string&) override {
    if (away) return fail(ErrorClass::unavailable, "store", "no connection");
    if (id != entries_.back().id) return fail(ErrorClass::invalid, "other", "of another entry");
    entries_.back().outcome = outcome;
    if (entries_.back().target.empty()) entries_.back().target = target;
    return {};
  }
  Result<std::vector<ports::AuditEntry>> entries(const ports::AuditFilter&, std::size_t) override {
    return entries_;
  }
  const std::vector<ports::AuditEntry>& all() const { return entries_; }
  bool away = false;

 private:
  std::vector<ports::AuditEntry> entries_;
};

class KeptAudit : public ::testing::Test {
 protected:
  KeptAudit() {
    services_.audit = &book_;
    services_.clock = &clock_;
    services_.random = &random_;
    services_.workers = &workers_;
    router_.add({"POST", "/v1/things/{id}/break", handler(), false, 1000});
    router_.add({"POST", "/v1/events", handler(), false, 1000});
    keep_audit(router_, services_);
  }
  http::Handler handler() {
    return [this](const http::Request&, const http::Responder& respond) {
      ++done_;
      if (during_) during_();
      respond(http::Response::json(status_, answer_));
    };
  }
  http::Response post(const std::string& path, const std::string& body) {
    const auto match = router_.match("POST", path);
    http::Request request;
    request.method = "POST";
    request.path = path;
    request.parameters = match.parameters;
    request.body = body;
    request.caller = "console";
    request.remote = "10.0.0.1";
    std::promise<http::Response> answered;
    match.route->handler(request,
                         [&](http::Response response) { answered.set_value(std::move(response)); });
    return answered.get_future().get();
  }

  Book book_;
  system::SystemClock clock_;
  system::SystemRandom random_;
  Services services_;
  http::Router router_;
  int done_ = 0;
  unsigned status_ = 200;
  std::string answer_ = "{}";
  std::function<void()> during_;
  Workers workers_{2, 100};  // the first to end
};

TEST_F(KeptAudit, IsWrittenBeforeAndAfter) {
  during_ = [this] {
    ASSERT_THAT(book_.all(), SizeIs(1)) << "before it is tried";
    EXPECT_FALSE(book_.all()[0].outcome.has_value());
  };
  status_ = 409;
  answer_ = R"({"code": "conflict"})";
  EXPECT_EQ(post("/v1/things/t1/break", R"({"reason": "old", "actor": {"id": "ann"}, "force": 2})")
                .status,
            409u);
  ASSERT_THAT(book_.all(), SizeIs(1));
  const ports::AuditEntry& entry = book_.all()[0];
  EXPECT_EQ(entry.caller, "console");
  EXPECT_EQ(entry.actor, "ann");
  EXPECT_EQ(entry.action, "things.break");
  EXPECT_EQ(entry.target, "t1");
  EXPECT_EQ(entry.reason, "old");
  EXPECT_EQ(entry.remote, "10.0.0.1");
  EXPECT_EQ(entry.detail, R"({"force":2})");
  ASSERT_TRUE(entry.outcome.has_value());
  EXPECT_EQ(entry.outcome->status, 409);
  EXPECT_EQ(entry.outcome->code, "conflict");
}

TEST_F(KeptAudit, WhatCanNotBeWrittenDownIsNotDone) {
  book_.away = true;
  const http::Response refused = post("/v1/things/t1/break", R"({"reason": "old"})");
  EXPECT_EQ(refused.status, 503u);
  EXPECT_THAT(refused.body, HasSubstr("Nothing was done"));
  EXPECT_EQ(done_, 0);
}

TEST_F(KeptAudit, WhatWasDoneIsAnsweredThoughItsOutcomeCanNotBeKept) {
  during_ = [this] { book_.away = true; };
  EXPECT_EQ(post("/v1/things/t1/break", "{}").status, 200u);
  EXPECT_EQ(done_, 1);
}

TEST_F(KeptAudit, NeitherWhatMachinesSendNorWhatOnlyShowsIsInIt) {
  EXPECT_EQ(post("/v1/events", "{}").status, 200u);
  EXPECT_EQ(post("/v1/things/t1/break", R"({"dry_run": true})").status, 200u);
  EXPECT_EQ(done_, 2);
  EXPECT_THAT(book_.all(), SizeIs(0));
}

TEST_F(KeptAudit, HostileTextsAreCutAndSecretsOfFormsLeftOut) {
  const std::string huge(5000, 'x');
  post("/v1/things/" + huge + "/break",
       R"({"form": {"card": "4242"}, "data": {"pin": 1}, "more": ")" + huge + R"(", "reason": ")" +
           std::string(999, 'x') + "\u00e9" + huge + "\"}");
  const ports::AuditEntry& entry = book_.all()[0];
  EXPECT_THAT(entry.target, SizeIs(k_max_audit_text));
  EXPECT_EQ(entry.reason, std::string(999, 'x')) << "not half of a character";
  EXPECT_EQ(entry.detail, "");
  post("/v1/things/t2/break", "no JSON at all");
  EXPECT_EQ(book_.all()[1].target, "t2");
}

TEST(Audit, WhatIsDoneByHandIsNamedByItsPath) {
  EXPECT_EQ(action_name("POST", "/v1/instances/{id}/cancel"), "instances.cancel");
  EXPECT_EQ(action_name("POST", "/v1/instances/{id}/actions/{action}"), "instances.actions");
  EXPECT_EQ(action_name("POST", "/v1/calls/{instance}/{seq}/{index}/retry"), "calls.retry");
  EXPECT_EQ(action_name("POST", "/v1/calls:retry"), "calls.retry");
  EXPECT_EQ(action_name("POST", "/v1/batches"), "batches.create");
  EXPECT_EQ(action_name("DELETE", "/v1/products/{id}"), "products.delete");
  EXPECT_EQ(action_name("PUT", "/v1/products/{id}"), "products.put");
  EXPECT_EQ(action_name("PATCH", "/v1/products/{id}"), "products.patch");
}

TEST(Audit, ARouteThatNobodyThoughtOfIsByHand) {
  EXPECT_TRUE(is_by_hand("POST", "/v1/something/{new}"));
  EXPECT_TRUE(is_by_hand("DELETE", "/v1/events"));
  EXPECT_FALSE(is_by_hand("GET", "/v1/something/{new}"));
  EXPECT_TRUE(is_by_hand("PUT", "/v1/products/{id}"));
  EXPECT_FALSE(is_by_hand("POST", "/v1/quotes/{id}/checkout"));
  EXPECT_FALSE(is_by_hand("POST", "/v1/events"));
  EXPECT_FALSE(is_by_hand("POST", "/webhooks/{source}"));
}

}  // namespace
}  // namespace vozex::handlers
