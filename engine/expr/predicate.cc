// SPDX-License-Identifier: Apache-2.0
#include "engine/expr/predicate.h"

#include <algorithm>

#include "engine/expr/program.h"

namespace vozex::expr {
namespace {

using Sum = std::optional<std::vector<Product>>;  // nothing: too large

template <class Tests>
bool add_tests(Tests& into, const Tests& more) {
  for (const auto& [text, outcome] : more) {
    const auto [at, fresh] = into.emplace(text, outcome);
    if (!fresh && at->second != outcome) return false;
  }
  return true;
}

// Adds what `more` says; false when the two exclude each other.
bool merge(Product& into, const Product& more) {
  for (const auto& [path, domain] : more.values) {
    const auto [at, fresh] = into.values.emplace(path, domain);
    if (!fresh) at->second = at->second & domain;
    if (at->second.empty()) return false;
  }
  return add_tests(into.tests, more.tests) && add_tests(into.state_tests, more.state_tests);
}

Sum multiply(const std::vector<Product>& a, const std::vector<Product>& b) {
  std::vector<Product> out;
  for (const Product& left : a) {
    for (const Product& right : b) {
      Product made = left;
      if (!merge(made, right)) continue;
      const std::size_t terms = made.values.size() + made.tests.size() + made.state_tests.size();
      if (out.size() == k_max_products || terms > k_max_terms) return std::nullopt;
      out.push_back(std::move(made));
    }
  }
  return out;
}

// What `asked` asks beyond what `product` gives.
struct Unmet {
  std::size_t parts = 0;
  const std::pair<const std::string, Domain>* value = nullptr;  // one of them, if it is a value
};

Unmet unmet_by(const Product& product, const Product& asked) {
  Unmet unmet;
  for (const auto& value : asked.values) {
    const auto known = product.values.find(value.first);
    if (known != product.values.end() && known->second.within(value.second)) continue;
    unmet.value = &value;
    if (++unmet.parts > 1) return unmet;
  }
  const auto count = [&](const auto& mine, const auto& tests) {
    for (const auto& [text, outcome] : tests) {
      const auto known = mine.find(text);
      if (known == mine.end() || known->second != outcome) ++unmet.parts;
    }
  };
  count(product.tests, asked.tests);
  count(product.state_tests, asked.state_tests);
  return unmet;
}

// What the reference may be where `product` holds, as far as it is known; nothing when it may be
// anything, or reading it may fail.
std::optional<Domain> possible_at(const std::string& path,
                                  const Product& product,
                                  const TypeOfPath& type_of_path) {
  std::optional<Domain> possible;
  if (const auto known = product.values.find(path); known != product.values.end())
    possible = known->second;
  const types::TypeRef type = type_of_path(path);
  const auto all = type == nullptr ? std::nullopt : Domain::of(*type);
  if (all) possible = possible ? *possible & *all : *all;
  return possible;
}

void collect_texts(const Program& program,
                   std::uint32_t id,
                   std::optional<std::vector<std::string>>& out) {
  const Node& node = program.nodes[id];
  if (!out) return;
  if (node.op == Op::choice) {
    collect_texts(program, node.b, out);
    collect_texts(program, node.c, out);
  } else if (node.op == Op::constant && program.constants[node.datum].is_string()) {
    out->push_back(program.constants[node.datum].as_string());
  } else {
    out.reset();
  }
}

}  // namespace

bool is_plain_path(std::string_view key) { return key.find('~') == std::string_view::npos; }

bool Predicate::always() const {
  return std::any_of(
      products.begin(), products.end(), [](const Product& product) { return product.always(); });
}

std::optional<Predicate> both(const Predicate& a, const Predicate& b) {
  auto products = multiply(a.products, b.products);
  if (!products) return std::nullopt;
  return Predicate{std::move(*products)};
}

// Either one of them asks no more than `product` gives, or several, which differ in one reference
// only, ask together for all that it may be.
bool covers(const std::vector<const Predicate*>& others,
            const Product& product,
            const TypeOfPath& type_of_path) {
  std::map<std::string, Domain> taken;
  for (const Predicate* other : others) {
    for (const Product& candidate : other->products) {
      const Unmet unmet = unmet_by(product, candidate);
      if (unmet.parts == 0) return true;
      if (unmet.parts > 1 || unmet.value == nullptr) continue;
      const auto [at, fresh] = taken.emplace(*unmet.value);
      if (!fresh) at->second = at->second | unmet.value->second;
    }
  }
  return std::any_of(taken.begin(), taken.end(), [&](const auto& entry) {
    const auto possible = possible_at(entry.first, product, type_of_path);
    return possible && possible->within(entry.second);
  });
}

std::optional<std::vector<std::string>> texts_of(const Program& program) {
  std::optional<std::vector<std::string>> out(std::in_place);
  if (program.constant) {
    if (!program.constant->is_string()) return std::nullopt;
    out->push_back(program.constant->as_string());
    return out;
  }
  if (program.form != Program::Form::expression || program.nodes.empty()) return std::nullopt;
  collect_texts(program, program.root, out);
  return out;
}

}  // namespace vozex::expr
