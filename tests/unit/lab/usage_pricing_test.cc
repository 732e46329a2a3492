// SPDX-License-Identifier: Apache-2.0
// Invoices of usage_billing against a reckoning of the test's own: random meters, tiers, usage and
// corrections over three periods. Every line of every invoice adds up (an invariant of `invoice`),
// and every total is the one that is reckoned here.
#include <map>
#include <random>

#include "tests/unit/lab/shipped.h"

namespace vozex::lab {
namespace {

struct Tier {
  std::int64_t up_to = 0;  // 0: no end
  std::int64_t minor = 0;
  std::int64_t per = 1;
  std::int64_t flat = 0;
};

struct Meter {
  std::string name;
  bool is_volume = false;
  std::int64_t free = 0;
  std::vector<Tier> tiers;
};

std::int64_t half_up(std::int64_t minor, std::int64_t units, std::int64_t per) {
  return (2 * minor * units + per) / (2 * per);
}

// Unit by unit for graduated tiers: nothing like the expression in the workflow.
std::int64_t reckon(const Meter& meter, std::int64_t quantity) {
  const std::int64_t billable = std::max<std::int64_t>(0, quantity - meter.free);
  std::int64_t total = 0;
  std::int64_t unit = 0;
  for (const Tier& tier : meter.tiers) {
    std::int64_t here = 0;
    while (unit < billable && (tier.up_to == 0 || unit < tier.up_to)) {
      ++unit;
      ++here;
    }
    const bool is_last = here > 0 && unit == billable;
    if (meter.is_volume && is_last) return tier.flat + half_up(tier.minor, billable, tier.per);
    if (!meter.is_volume && here > 0) total += tier.flat + half_up(tier.minor, here, tier.per);
  }
  return total;
}

class Account {
 public:
  explicit Account(std::uint32_t seed) : random_(seed) {}

  // A scenario, as a member of the list `scenarios`.
  std::string scenario(const std::string& name) {
    const auto count = pick({1, 2, 3});
    for (std::int64_t i = 0; i < count; ++i) meters_.push_back(meter("m" + std::to_string(i)));
    text_ = "  - name: " + name +
            "\n    start: {account_id: a1, customer: {customer_id: c1, email: "
            "ann@example.com}, gateway: dodo, currency: USD, meters: [" +
            meters_text() + "]}\n    mocks: {invoice: [{return: {paid: 0}}]}\n    steps:\n";
    for (int period = 0; period < 3; ++period) live(period);
    return text_;
  }

 private:
  std::int64_t pick(const std::vector<std::int64_t>& from) { return from[random_() % from.size()]; }

  Meter meter(const std::string& name) {
    Meter made{name, pick({0, 1}) == 1, pick({0, 0, 5, 20}), {}};
    std::int64_t up_to = 0;
    for (std::int64_t i = pick({0, 1, 2, 3}); i > 0; --i) {
      up_to += pick({1, 4, 11, 25});
      made.tiers.push_back({up_to, pick({0, 1, 3, 7, 50}), pick({1, 2, 3, 10}), pick({0, 0, 4})});
    }
    made.tiers.push_back({0, pick({0, 1, 3, 7}), pick({1, 2, 3, 10}), pick({0, 4})});
    return made;
  }

  std::string meters_text() const {
    std::string text;
    for (const Meter& meter : meters_) {
      text += (text.empty() ? "" : ", ") + ("{name: " + meter.name) +
              ", mode: " + (meter.is_volume ? "volume" : "graduated") +
              ", free: " + std::to_string(meter.free) + ", tiers: [";
      for (const Tier& tier : meter.tiers) {
        if (&tier != &meter.tiers.front()) text += ", ";
        if (tier.up_to > 0) text += "{up_to: " + std::to_string(tier.up_to) + ", ";
        if (tier.up_to == 0) text += "{";
        text += "minor: " + std::to_string(tier.minor) + ", per: " + std::to_string(tier.per) +
                ", flat: " + std::to_string(tier.flat) + "}";
      }
      text += "]}";
    }
    return text;
  }

  void live(int period) {
    for (std::int64_t i = pick({0, 2, 4}); i > 0; --i) use(period);
    for (std::int64_t i = pick({0, 0, 1, 2}); i > 0; --i) correct(period);
    std::int64_t total = 0;
    for (const Meter& meter : meters_) {
      std::int64_t sum = carried_[meter.name] + adjusted_[meter.name];
      for (const auto& [id, used] : used_) {
        if (used.meter == meter.name && used.period == period) sum += used.quantity;
      }
      carried_[meter.name] = std::min<std::int64_t>(0, sum);
      adjusted_[meter.name] = 0;
      total += reckon(meter, std::max<std::int64_t>(0, sum));
    }
    if (total > 0) {
      invoices_ += (invoices_.empty() ? "" : ", ") +
                   ("{invoice_id: a1-" + std::to_string(period + 1)) +
                   ", total: {minor: " + std::to_string(total) + "}}";
    }
    constexpr int k_days[] = {33, 28, 31};  // to two days after the end of each month
    text_ += "      - advance: " + std::to_string(k_days[period]) +
             "d\n      - expect: {incident: null, calls: {invoice: " +
             (invoices_.empty() ? "0" : "[" + invoices_ + "]") + "}}\n";
  }

  void use(int period) {
    const int id = ++ids_;
    const Used used{meters_[random_() % meters_.size()].name, pick({0, 1, 5, 17, 40, 90}), period};
    used_[id] = used;
    text_ += "      - event: {usage.recorded: {account_id: a1, usage_id: u" + std::to_string(id) +
             ", meter: " + used.meter + ", quantity: " + std::to_string(used.quantity) +
             ", at: \"2026-0" + std::to_string(period + 1) + "-10T00:00:00Z\"}}\n";
  }

  // Of this period, or of the one before: then the difference counts now.
  void correct(int period) {
    if (used_.empty()) return;
    auto found = used_.begin();
    std::advance(found, static_cast<long>(random_() % used_.size()));
    Used& used = found->second;
    if (used.period < period - 1) return;
    const auto quantity = pick({0, 3, 30});
    if (used.period < period) adjusted_[used.meter] += quantity - used.quantity;
    used.quantity = quantity;
    text_ += "      - event: {usage.corrected: {account_id: a1, usage_id: u" +
             std::to_string(found->first) + ", quantity: " + std::to_string(quantity) + "}}\n";
  }

  struct Used {
    std::string meter;
    std::int64_t quantity = 0;
    int period = 0;
  };
  std::mt19937 random_;
  std::vector<Meter> meters_;
  std::map<int, Used> used_;
  std::map<std::string, std::int64_t> carried_, adjusted_;
  std::string invoices_, text_;
  int ids_ = 0;
};

TEST(UsagePricing, AgreesWithAReckoningOfItsOwn) {
  constexpr std::uint32_t k_accounts = 120;
  std::string file = "workflow: usage_billing\nscenarios:\n";
  for (std::uint32_t seed = 1; seed <= k_accounts; ++seed)
    file += Account(seed).scenario("seed " + std::to_string(seed));
  EXPECT_EQ(run(shipped().compiled, {"usage_pricing.test.yaml", file}), k_accounts);
}

}  // namespace
}  // namespace vozex::lab
