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
      if (out.size() == k_max_products) return std::nullopt;
      out.push_back(std::move(made));
    }
  }
  return out;
}

// Whether `product` makes everything true that `other` asks, but for the value of `open`.
bool implies(const Product& product, const Product& other, const std::string& open) {
  for (const auto& [path, domain] : other.values) {
    if (path == open) continue;
    const auto known = product.values.find(path);
    if (known == product.values.end() || !known->second.within(domain)) return false;
  }
  const auto has_all = [](const auto& mine, const auto& asked) {
    return std::all_of(asked.begin(), asked.end(), [&](const auto& test) {
      const auto known = mine.find(test.first);
      return known != mine.end() && known->second == test.second;
    });
  };
  return has_all(product.tests, other.tests) && has_all(product.state_tests, other.state_tests);
}

// Whether what `others` ask of one reference, taken together, is all that it can be.
bool covers_by(const std::string& path,
               const std::vector<const Predicate*>& others,
               const Product& product,
               const TypeOfPath& type_of_path) {
  std::optional<Domain> needed;
  if (const auto known = product.values.find(path); known != product.values.end()) {
    needed = known->second;
  }
  if (const types::TypeRef type = type_of_path(path)) {
    const auto all = Domain::of(*type);
    if (all) needed = needed ? *needed & *all : *all;
  }
  if (!needed) return false;
  Domain given;
  for (const Predicate* other : others) {
    for (const Product& candidate : other->products) {
      const auto asked = candidate.values.find(path);
      if (asked != candidate.values.end() && implies(product, candidate, path))
        given = given | asked->second;
    }
  }
  return needed->within(given);
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

bool covers(const std::vector<const Predicate*>& others,
            const Product& product,
            const TypeOfPath& type_of_path) {
  std::set<std::string> paths;
  for (const Predicate* other : others) {
    for (const Product& candidate : other->products) {
      if (implies(product, candidate, "")) return true;
      for (const auto& [path, domain] : candidate.values) paths.insert(path);
    }
  }
  return std::any_of(paths.begin(), paths.end(), [&](const std::string& path) {
    return covers_by(path, others, product, type_of_path);
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
