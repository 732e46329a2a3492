// SPDX-License-Identifier: Apache-2.0
// What is paid again and again is sold by plan, and a plan says what each gateway calls it:
// `sold_as`, by gateway, cycle and currency.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "adapters/catalog/product.h"
#include "adapters/catalog/product_rules.h"
#include "adapters/payments/router.h"
#include "engine/base/text.h"

namespace vozex::catalog {
namespace {

using payments::RecurringSale;
using types::Value;

constexpr std::size_t k_longest_ref = 200;

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Whether a gateway must be told what it calls a plan.
bool needs_ref(const std::string& gateway) {
  const auto sale = payments::recurring_sale(gateway);
  return sale && *sale != RecurringSale::by_amount;
}

class Rules {
 public:
  Rules(const Value& product, const std::vector<std::string>& known, Faults& faults)
      : product_(product),
        faults_(faults),
        enabled_(texts(product.find("gateways")->find("enabled"))),
        cycles_(texts(product.find("cycles"))) {
    std::copy_if(known.begin(), known.end(), std::back_inserter(naming_), needs_ref);
  }

  void check() {
    const bool recurring = product_.find("recurring")->as_boolean();
    const auto& plans = product_.find("plans")->as_list();
    if (recurring && plans.empty()) {
      faults_.push_back(
          {"/plans", "expected at least one: what is paid again and again is sold by plan"});
    }
    for (std::size_t i = 0; i < plans.size(); ++i) {
      const std::string place = "/plans/" + std::to_string(i) + "/sold_as";
      const Value& sold_as = *plans[i].find("sold_as");
      if (recurring) {
        check_plan(sold_as, plans[i].find("retired")->as_boolean(), place);
      } else if (!sold_as.as_map().empty()) {
        faults_.push_back({place, "only a plan of a recurring product is sold as a subscription"});
      }
    }
  }

 private:
  void check_plan(const Value& sold_as, bool retired, const std::string& place) {
    for (const auto& [name, cycles] : sold_as.as_map())
      check_gateway(name.as_string(), cycles, place + "/" + name.as_string());
    if (retired) return;  // nobody buys it anew
    for (const std::string& gateway : enabled_) {
      if (needs_ref(gateway) && sold_as.find(gateway) == nullptr) {
        faults_.push_back({fmt::format("{}/{}", place, gateway),
                           "expected what " + gateway +
                               " calls this plan, by cycle and currency: {" +
                               (cycles_.empty() ? "monthly" : cycles_.front()) + ": {USD: ...}}"});
      }
    }
  }

  void check_gateway(const std::string& gateway, const Value& cycles, const std::string& place) {
    if (payments::recurring_sale(gateway) == RecurringSale::by_amount) {
      faults_.push_back({place, gateway + " is told price and period: it needs no name here"});
    } else if (!has(naming_, gateway)) {
      faults_.push_back({place, "expected " + join_or(naming_) + ", got " + gateway});
    } else if (!has(enabled_, gateway)) {
      faults_.push_back({place, "the product doesn't enable this gateway: see /gateways/enabled"});
    }
    for (const auto& [cycle, refs] : cycles.as_map()) {
      const std::string at_cycle = place + "/" + cycle.as_string();
      if (!has(cycles_, cycle.as_string())) {
        faults_.push_back({at_cycle,
                           "the product isn't billed so: expected " + join_or(cycles_) + ", got " +
                               cycle.as_string()});
      }
      check_refs(gateway, refs, at_cycle);
    }
    for (const std::string& cycle : cycles_) {
      if (cycles.find(cycle) == nullptr)
        faults_.push_back(
            {fmt::format("{}/{}", place, cycle), "expected what " + gateway + " calls it, too"});
    }
  }

  void check_refs(const std::string& gateway, const Value& refs, const std::string& place) {
    if (refs.as_map().empty())
      faults_.push_back({place, "expected at least one currency, such as {USD: ...}"});
    for (const auto& [currency, ref] : refs.as_map()) {
      const std::string at = place + "/" + currency.as_string();
      if (product_.find("price")->find(currency.as_string()) == nullptr) {
        faults_.push_back({at, "the product has no price in this currency: see /price"});
      }
      if (ref.as_string().empty() || ref.as_string().size() > k_longest_ref)
        faults_.push_back({at, "expected the gateway's id of it, 1 to 200 bytes"});
      const auto [first, is_new] = seen_.insert({gateway + " " + ref.as_string(), at});
      if (!is_new)
        faults_.push_back({at, "the same as " + first->second + ", and it has one price only"});
    }
  }

  const Value& product_;
  Faults& faults_;
  const std::vector<std::string> enabled_;
  const std::vector<std::string> cycles_;
  std::vector<std::string> naming_;  // known gateways that call plans by names of theirs
  std::map<std::string, std::string> seen_;
};

}  // namespace

void check_recurring(const Value& product, const std::vector<std::string>& known, Faults& faults) {
  Rules(product, known, faults).check();
}

}  // namespace vozex::catalog
