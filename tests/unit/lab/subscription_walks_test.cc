// SPDX-License-Identifier: Apache-2.0
// Random lives of a subscription, with its changes, its dunning and its licence for real: webhooks
// lost, repeated, reordered and wrong; gateways that refuse, fail and answer late; people who
// change their minds. Whatever comes, no step is refused: every invariant holds, nothing goes round
// for ever, and no expression fails.
#include <random>

#include "engine/base/time.h"
#include "tests/unit/lab/shipped.h"

namespace vozex::lab {
namespace {

using Words = std::vector<std::string>;

class Life {
 public:
  explicit Life(std::uint32_t seed) : random_(seed) {}

  // A scenario, as a member of the list `scenarios`.
  std::string scenario(const std::string& name) {
    const std::string gateway = pick({"dodo", "paypal", "stripe"});
    text_ =
        "  - name: " + name +
        "\n    start: {subscription_id: s1, customer: {customer_id: c1, email: ann@example.com}, "
        "gateway: " +
        gateway +
        ", plan: {product_ref: pdt_pro, title: Pro, price: {minor: 1900, currency: USD}}, "
        "trial_days: " +
        pick({"0", "0", "14"}) +
        ", items: [{order_item_id: i1, product_id: editor, title: Editor, driver: "
        "license_download, price: {minor: 1900, currency: USD}, config: {}}]}\n    mocks:\n";
    mocks(gateway);
    text_ += "    steps:\n";
    for (int left = 8 + static_cast<int>(random_() % 18); left > 0; --left) {
      text_ += "      - " + step() + "\n      - expect: {incident: null}\n";
    }
    return text_;
  }

 private:
  std::string pick(const Words& from) { return from[random_() % from.size()]; }
  bool chance(unsigned percent) { return random_() % 100 < percent; }
  std::string moment(long hours) {
    constexpr long k_begin = 1767225600;  // 2026-01-01
    return "\"" + format_timestamp(Timestamp(std::chrono::seconds(k_begin + hours * 3600))) + "\"";
  }

  std::string state() {
    std::string said = "{return: {subscription_ref: sub_1, status: " +
                       pick({"pending",
                             "trialing",
                             "active",
                             "active",
                             "past_due",
                             "on_hold",
                             "paused",
                             "cancelled",
                             "expired",
                             "failed"}) +
                       ", cancels_at_period_end: " + pick({"true", "false"});
    if (chance(30)) said += ", product_ref: pdt_max";
    if (chance(40)) said += ", next_billing_at: " + moment(static_cast<long>(random_() % 3000));
    return said + "}" + pick({"", ", after: 10s"}) + "}";
  }
  std::string list(unsigned answers, unsigned good, const Words& errors) {
    std::string text;
    for (unsigned i = 0; i < answers; ++i) {
      text +=
          (i == 0 ? "" : ", ") + (chance(good) ? state() : "{error: {code: " + pick(errors) + "}}");
    }
    return "[" + text + "]\n";
  }

  void mocks(const std::string& gateway) {
    const std::string late = pick({"", ", after: 5s"});
    text_ +=
        "      payments.create_checkout: [{return: {url: \"https://pay.example/s1\", "
        "session_ref: " +
        std::string(gateway == "paypal" ? "sub_1" : "cks_1") + "}" + late + "}]\n";
    text_ += "      payments.get_subscription: " + list(6, 60, {"internal", "not_found"});
    text_ +=
        "      payments.change_subscription: " + list(4, 70, {"refused", "conflict", "declined"});
    text_ += "      payments.get: [{error: {code: not_found}}]\n";
    text_ += "      payments.collect: [" +
             pick({"{error: {code: not_supported}}",
                   "{return: {status: collected}}",
                   "{error: {code: declined, details: {reason: LOST_CARD}}}",
                   "{return: {status: pending}}"}) +
             "]\n";
    text_ +=
        "      payments.compare_offer: [{return: {fits: true, differences: []}" + late +
        "}]\n      plans.price: [{return: {product_ref: pdt_max, title: Max, price: {minor: 4900, "
        "currency: USD}, quantity: 1, months: 1, trial_days: 0}" +
        late + "}, {error: {code: unknown_plan}}]\n";
    text_ +=
        "      licenses.issue: [{return: {license_id: l1, license_key: K, document: \"{}\", "
        "download_url: \"https://shop.example/d\", expires_at: \"2026-01-02T00:00:00Z\"}" +
        late + "}]\n";
    for (const char* operation : {"suspend", "restore", "revoke"}) {
      text_ += "      licenses." + std::string(operation) +
               ": [{return: {license_id: l1, status: active}" + late + "}]\n";
    }
  }

  std::string fact() {
    const std::string word = pick({"created",
                                   "active",
                                   "renewed",
                                   "updated",
                                   "plan_changed",
                                   "past_due",
                                   "on_hold",
                                   "paused",
                                   "resumed",
                                   "cancelled",
                                   "expired",
                                   "failed",
                                   "payment_failed",
                                   "trial_ending",
                                   "renewal_upcoming",
                                   "payment_method_updated"});
    std::string data = "subscription_ref: sub_1";
    if (chance(60)) data += ", subscription_id: s1";
    if (chance(80))
      data += ", status: " + pick({"pending",
                                   "trialing",
                                   "active",
                                   "active",
                                   "past_due",
                                   "on_hold",
                                   "paused",
                                   "cancelled",
                                   "expired",
                                   "failed",
                                   "hibernating"});
    if (chance(60))
      data += ", next_billing_at: " + moment(hours_ + 24 * (static_cast<long>(random_() % 40) - 2));
    if (chance(30)) data += ", cancels_at_period_end: " + pick({"true", "false"});
    if (chance(30)) data += ", product_ref: pdt_max";
    if (word == "renewed" && chance(60)) {
      const std::string number = std::to_string(random_() % 4);
      data += ", gateway_ref: pay_" + number + ", invoice_ref: in_" + number +
              ", captured_total: " + pick({"0", "1900"}) + ", amount: {minor: 1900, currency: USD}";
    }
    const std::string time =
        chance(30) ? ", time: " + moment(hours_ - static_cast<long>(random_() % 400)) : "";
    return "event: {subscription." + word + ": {" + data + "}" + time + "}";
  }

  std::string step() {
    const auto kind = random_() % 100;
    if (kind < 40) return fact();
    if (kind < 55) {
      return "event: {payment.succeeded: {subscription_ref: sub_1, gateway_ref: pay_" +
             std::to_string(random_() % 4) + ", " +
             pick({"payment_id: s1", "invoice_ref: in_" + std::to_string(random_() % 4)}) +
             ", amount: {minor: 1900, currency: USD}, captured_total: 1900}}";
    }
    if (kind < 60)
      return "event: {payment.failed: {subscription_ref: sub_1, reason: " +
             pick({"nsf", "STOLEN_CARD"}) + ", final: false}}";
    if (kind < 75) {
      return "event: {subscription_change.asked: {subscription_id: s1, order: {request_id: r" +
             std::to_string(random_() % 9) +
             ", action: " + pick({"change_plan", "pause", "resume", "cancel", "keep"}) +
             pick({"", ", timing: renewal", ", timing: now"}) +
             pick({"", ", plan: max", ", plan: max", ", product_ref: pdt_max"}) + "}}}";
    }
    if (kind < 77) return "event: {cancel: {}}";
    const std::string days = pick({"1", "3", "15", "31", "62"});
    hours_ += 24 * std::stol(days);
    return "advance: " + days + "d";
  }

  std::mt19937 random_;
  std::string text_;
  long hours_ = 0;
};

TEST(SubscriptionWalks, NoOrderOfEventsBreaksIt) {
  constexpr std::uint32_t k_lives = 150;
  std::string file =
      "workflow: subscription\nwith_real: [subscription_change, dunning, "
      "fulfillment_license_download]\nscenarios:\n";
  for (std::uint32_t seed = 1; seed <= k_lives; ++seed)
    file += Life(seed).scenario("seed " + std::to_string(seed));
  EXPECT_EQ(run(shipped().compiled, {"walks.test.yaml", file}), k_lives);
}

}  // namespace
}  // namespace vozex::lab
