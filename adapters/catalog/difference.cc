// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "adapters/catalog/check.h"
#include "adapters/catalog/product.h"
#include "engine/types/json.h"

namespace vozex::catalog {
namespace {

using types::Value;

// "~" and "/" in a member's name, as RFC 6901 wants them.
std::string escaped(const std::string& name) {
  std::string out;
  for (const char c : name) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

// The id of a list's item when it is a choice; "" for other items.
std::string_view choice_id(const Value& item) {
  for (const ChoiceList& where : choice_lists()) {
    if (const auto id = item.text_at(where.id); !id.empty()) return id;
  }
  const auto path = item.text_at("path");
  return path.empty() ? item.text_at("timeline") : path;
}

const Value* find_by_id(const Value::List& items, std::string_view id, std::size_t& number) {
  for (number = 0; number < items.size(); ++number) {
    if (choice_id(items[number]) == id) return &items[number];
  }
  return nullptr;
}

class Comparison {
 public:
  void compare(const Value& before, const Value& after, const std::string& place) {
    if (found_.size() >= k_max_differences || types::to_json(before) == types::to_json(after))
      return;
    if (before.is_map() && after.is_map()) return maps(before, after, place);
    if (before.is_list() && after.is_list() && are_choices(before) && are_choices(after))
      return choices(before.as_list(), after.as_list(), place);
    note(place, before, after);
  }

  std::vector<Difference> take() { return std::move(found_); }

 private:
  void note(const std::string& place, const Value& before, const Value& after) {
    if (found_.size() < k_max_differences) found_.push_back({place, before, after});
  }

  static bool are_choices(const Value& list) {
    const auto& items = list.as_list();
    return std::all_of(items.begin(), items.end(), [](const Value& item) {
      return item.is_map() && !choice_id(item).empty();
    });
  }

  void maps(const Value& before, const Value& after, const std::string& place) {
    for (const auto& [name, old] : before.as_map()) {
      const std::string at = place + "/" + escaped(name.as_string());
      const Value* now = after.find(name.as_string());
      if (now == nullptr) {
        note(at, old, Value());
      } else {
        compare(old, *now, at);
      }
    }
    for (const auto& [name, now] : after.as_map()) {
      if (before.find(name.as_string()) == nullptr)
        note(place + "/" + escaped(name.as_string()), Value(), now);
    }
  }

  void choices(const Value::List& before, const Value::List& after, const std::string& place) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (const Value* now = find_by_id(after, choice_id(before[i]), at)) {
        compare(before[i], *now, place + "/" + std::to_string(at));
      } else {
        note(place + "/" + std::to_string(i), before[i], Value());
      }
    }
    for (std::size_t i = 0; i < after.size(); ++i) {
      if (find_by_id(before, choice_id(after[i]), at) == nullptr)
        note(place + "/" + std::to_string(i), Value(), after[i]);
    }
  }

  std::vector<Difference> found_;
};

void check_fixed(const Value& before, const Value& after, const char* member, Faults& faults) {
  const Value* old = before.find(member);
  const Value* now = after.find(member);
  if (*old == *now) return;
  faults.push_back({std::string("/") + member,
                    "was " + types::to_json(*old) +
                        " when the product was sold, and deliveries under way rely on it: make a "
                        "new product"});
}

void check_kept(const Value& before, const Value& after, const ChoiceList& where, Faults& faults) {
  const auto& now = after.find(where.list)->as_list();
  std::size_t at = 0;
  for (const Value& old : before.find(where.list)->as_list()) {
    const std::string id(old.text_at(where.id));
    if (find_by_id(now, id, at) != nullptr) continue;
    faults.push_back({std::string("/") + where.list,
                      "the " + std::string(where.id) + " " + id +
                          " has been for sale: keep it, and say `retired: true`"});
  }
}

}  // namespace

std::vector<Difference> differences(const Value& before, const Value& after) {
  Comparison comparison;
  comparison.compare(before, after, "");
  return comparison.take();
}

Faults broken_offers(const Value& before, const Value& after) {
  Faults faults;
  if (before.text_at("status") == "draft") return faults;
  if (after.text_at("status") == "draft")
    faults.push_back({"/status", "it has been for sale: expected active or retired"});
  for (const char* member : {"delivery_model", "recurring"})
    check_fixed(before, after, member, faults);
  for (const ChoiceList& where : choice_lists()) check_kept(before, after, where, faults);
  const auto cycles = texts(after.find("cycles"));
  for (const std::string& cycle : texts(before.find("cycles"))) {
    if (std::find(cycles.begin(), cycles.end(), cycle) == cycles.end())
      faults.push_back({"/cycles", "subscriptions may be billed " + cycle + ": keep it"});
  }
  for (const auto& [currency, minor] : before.find("price")->as_map()) {
    if (after.find("price")->find(currency.as_string()) == nullptr) {
      faults.push_back(
          {"/price", "subscriptions may be billed in " + currency.as_string() + ": keep it"});
    }
  }
  return faults;
}

}  // namespace vozex::catalog
