// SPDX-License-Identifier: Apache-2.0
#include "adapters/catalog/pricing.h"

#include <algorithm>

#include "adapters/catalog/money.h"
#include "engine/base/text.h"

namespace vozex::catalog {
namespace {

using types::Value;

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string on_offer(const std::vector<Choice>& choices) {
  std::vector<std::string> ids;
  for (const Choice& choice : choices) {
    if (!choice.retired) ids.push_back(choice.id);
  }
  return ids.empty() ? "there is none" : "expected " + join_or(ids);
}

// One item on its way to lines.
class Pricing {
 public:
  Pricing(const Product& product, const Terms& terms, const std::string& place, Refusals& refusals)
      : product_(product),
        terms_(terms),
        place_(place),
        refusals_(refusals),
        cycle_(cycle_of(product, terms)) {}

  PricedItem price(const Selection& selection) {
    item_.selection = selection;
    check();
    const std::size_t before = refusals_.size();
    add("base", product_.id, product_.title, product_.prices);
    add_choice("plan", selection.plan, product_.plans, true);
    add_features();
    add_choice("license_type", selection.license_type, product_.license_types, true);
    add_choice("support_plan", selection.support_plan, product_.support_plans, false);
    const std::int64_t without_package = item_.net;
    add_choice("package", selection.package, product_.packages, true);
    add_timeline(item_.net - without_package);
    if (cycle_ == "annual" && refusals_.size() == before) {
      const std::int64_t off = percent_of(item_.net, k_annual_percent_off);
      put({"annual",
           "",
           "A year paid at once",
           -off,
           std::to_string(k_annual_percent_off) + " % of " +
               money_text(item_.net, terms_.currency)});
    }
    return std::move(item_);
  }

 private:
  void refuse(const char* code, const std::string& member, std::string message) {
    refusals_.push_back({code, place_ + (member.empty() ? "" : "/" + member), std::move(message)});
  }

  void check() {
    const Selection& wanted = item_.selection;
    if (!product_.prices.contains(terms_.currency)) {
      std::vector<std::string> sold;
      for (const auto& [currency, minor] : product_.prices) sold.push_back(currency);
      refuse("currency_not_sold",
             "",
             product_.id + " has no price in " + terms_.currency + ": expected " + join_or(sold));
    }
    if (product_.recurring && !has(product_.cycles, cycle_)) {
      refuse("cycle_not_offered",
             "",
             product_.id + " isn't billed " + cycle_ + ": expected " + join_or(product_.cycles));
    }
    if (wanted.quantity < 1 || wanted.quantity > product_.max_quantity) {
      refuse("quantity_out_of_range",
             "quantity",
             "expected 1 to " + std::to_string(product_.max_quantity) + ", got " +
                 std::to_string(wanted.quantity));
    }
    check_path();
  }

  // A hybrid product's paths: the buyer picks one, or all are taken.
  void check_path() {
    const std::string& path = item_.selection.path;
    const Value* paths = product_.config.find("paths");
    const bool choose = product_.config.text_at("mode") == "choose";
    if (product_.delivery_model != "hybrid" || !choose) {
      if (!path.empty()) refuse("path_not_offered", "path", "this product has no paths to choose");
      return;
    }
    std::vector<std::string> names;
    for (const Value& one : paths->as_list()) names.emplace_back(one.text_at("path"));
    if (has(names, path)) return;
    refuse(path.empty() ? "path_required" : "path_not_offered",
           "path",
           "expected " + join_or(names) + (path.empty() ? "" : ", got " + path));
  }

  // What `minor` makes in all; nothing when it is more than any amount may be.
  void add(const char* kind,
           const std::string& ref,
           const std::string& title,
           const Prices& prices) {
    const auto price = prices.find(terms_.currency);
    if (price == prices.end()) return;  // said above, for the product as a whole
    const std::int64_t quantity = std::max<std::int64_t>(item_.selection.quantity, 0);
    const std::int64_t months = product_.recurring ? months_of(cycle_) : 1;
    std::int64_t minor = 0;
    if (__builtin_mul_overflow(price->second, quantity, &minor) ||
        __builtin_mul_overflow(minor, months, &minor) || minor > k_max_amount - item_.net) {
      return refuse("amount_too_large", "quantity", "the price is beyond what can be paid at once");
    }
    std::string how = std::to_string(quantity) + " x " + money_text(price->second, terms_.currency);
    if (product_.recurring)
      how += " x " + std::to_string(months) + (months == 1 ? " month" : " months");
    put({kind, ref, title, minor, std::move(how)});
  }

  void put(Line line) {
    item_.net += line.minor;
    item_.lines.push_back(std::move(line));
  }

  // `needed`: where the product has any, the buyer must pick one.
  const Choice* chosen(const char* kind,
                       const std::string& id,
                       const std::vector<Choice>& choices,
                       bool needed) {
    if (id.empty()) {
      if (needed && !choices.empty())
        refuse((std::string(kind) + "_required").c_str(), kind, on_offer(choices));
      return nullptr;
    }
    const Choice* choice = find_choice(choices, id);
    if (choice != nullptr && !choice->retired) return choice;
    refuse((std::string(kind) + "_not_offered").c_str(),
           kind,
           (choice == nullptr ? "no such " + std::string(kind) + ": " + id
                              : id + " isn't sold any more") +
               "; " + on_offer(choices));
    return nullptr;
  }

  void add_choice(const char* kind,
                  const std::string& id,
                  const std::vector<Choice>& choices,
                  bool needed) {
    // A hybrid's path may deliver no licence or no work: then there is none to choose.
    if (const Choice* choice =
            is_delivered(kind) ? chosen(kind, id, choices, needed) : refused(kind, id))
      add(kind, choice->id, choice->title, choice->prices);
  }

  const Choice* refused(const char* kind, const std::string& id) {
    if (!id.empty()) {
      refuse((std::string(kind) + "_not_offered").c_str(),
             kind,
             "the path " + item_.selection.path + " has none");
    }
    return nullptr;
  }

  bool is_delivered(std::string_view kind) const {
    const std::string& path = item_.selection.path;
    if (product_.delivery_model != "hybrid" || path.empty()) return true;
    std::string_view model;
    for (const Value& one : product_.config.find("paths")->as_list()) {
      if (one.text_at("path") == path) model = one.text_at("delivery_model");
    }
    if (model.empty()) return true;
    if (kind == "license_type") return model.starts_with("self_hosted_");
    if (kind == "package") return model == "service" || model == "managed_setup";
    return true;
  }

  void add_features() {
    const Selection& wanted = item_.selection;
    const Choice* plan = find_choice(product_.plans, wanted.plan);
    const std::vector<std::string> included =
        plan == nullptr ? std::vector<std::string>() : plan->features;
    for (const std::string& id : included) {
      const Choice* feature = find_choice(product_.features, id);
      put({"feature", id, feature->title, 0, "included in the plan " + plan->title});
    }
    for (std::size_t i = 0; i < wanted.features.size(); ++i) {
      const std::string& id = wanted.features[i];
      const std::string member = "features/" + std::to_string(i);
      if (has(included, id)) continue;
      if (std::count(wanted.features.begin(), wanted.features.end(), id) > 1) {
        refuse("feature_twice", member, "this feature stands here twice");
        continue;
      }
      if (const Choice* feature = find_choice(product_.features, id);
          feature != nullptr && !feature->retired) {
        add_feature(*feature, member, included);
      } else {
        refuse("feature_not_offered",
               member,
               "no such feature: " + id + "; " + on_offer(product_.features));
      }
    }
  }

  void add_feature(const Choice& feature,
                   const std::string& member,
                   const std::vector<std::string>& included) {
    const Selection& wanted = item_.selection;
    if (!feature.plans.empty() && !has(feature.plans, wanted.plan)) {
      return refuse("feature_not_in_plan",
                    member,
                    feature.id + " is sold with the plan " + join_or(feature.plans) + " only");
    }
    for (const std::string& need : feature.needs) {
      if (!has(included, need) && !has(wanted.features, need)) {
        refuse("feature_needs_other", member, feature.id + " needs " + need + ": choose it, too");
      }
    }
    add("feature", feature.id, feature.title, feature.prices);
  }

  void add_timeline(std::int64_t package_minor) {
    std::string& wanted = item_.selection.timeline;
    if (product_.timelines.empty() || !is_delivered("package")) {
      if (!wanted.empty())
        refuse("timeline_not_offered", "timeline", "there is no timeline to choose");
      return;
    }
    std::vector<std::string> names;
    names.reserve(product_.timelines.size());
    for (const Timeline& one : product_.timelines) names.push_back(one.id);
    if (wanted.empty()) wanted = has(names, "standard") ? "standard" : names.front();
    const auto at = std::find(names.begin(), names.end(), wanted);
    if (at == names.end()) {
      return refuse(
          "timeline_not_offered", "timeline", "expected " + join_or(names) + ", got " + wanted);
    }
    const Timeline& timeline = product_.timelines[static_cast<std::size_t>(at - names.begin())];
    const std::int64_t minor = percent_of(package_minor, timeline.percent);
    if (minor > k_max_amount - item_.net)
      return refuse("amount_too_large", "quantity", "the price is beyond what can be paid at once");
    put({"timeline",
         timeline.id,
         "Timeline: " + timeline.id,
         minor,
         std::to_string(timeline.percent) + " % of " + money_text(package_minor, terms_.currency)});
  }

  const Product& product_;
  const Terms& terms_;
  const std::string& place_;
  Refusals& refusals_;
  const std::string cycle_;
  PricedItem item_;
};

}  // namespace

Selection read_selection(const Value& item) {
  Selection selection;
  const auto text = [&](const char* name) { return std::string(item.text_at(name)); };
  selection.product = text("product");
  selection.plan = text("plan");
  selection.features = texts(item.find("features"));
  selection.license_type = text("license_type");
  selection.support_plan = text("support_plan");
  selection.package = text("package");
  selection.timeline = text("timeline");
  selection.path = text("path");
  if (const Value* quantity = item.find("quantity")) selection.quantity = quantity->as_integer();
  return selection;
}

std::string cycle_of(const Product& product, const Terms& terms) {
  if (!product.recurring) return "";
  if (!terms.cycle.empty()) return terms.cycle;
  return product.cycles.empty() ? "monthly" : product.cycles.front();
}

std::int64_t months_of(std::string_view cycle) {
  if (cycle == "annual") return 12;
  return cycle == "quarterly" ? 3 : 1;
}

void take_off(PricedItem& item, Line line) {
  item.discount += line.minor;
  line.minor = -line.minor;
  item.lines.push_back(std::move(line));
}

void add_tax(PricedItem& item, Line line) {
  item.tax += line.minor;
  item.lines.push_back(std::move(line));
}

PricedItem price(const Product& product,
                 const Selection& selection,
                 const Terms& terms,
                 const std::string& place,
                 Refusals& refusals) {
  return Pricing(product, terms, place, refusals).price(selection);
}

}  // namespace vozex::catalog
