// SPDX-License-Identifier: Apache-2.0
//
// Predicate: a condition as a sum of products, for static checks: "it holds when one of these
// products holds, and a product holds when each reference has a value of its domain and each test
// that isn't understood comes out as said". Made from the compiled program; evaluates nothing. What
// is not understood (calls, arithmetic, macros) is kept as a test, named by its own text, so that
// equal tests are known to be equal. A condition that fails holds nowhere: a product says that all
// of its parts came out. Tests: tests/unit/expr/predicate_test.cc.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/expr/domain.h"
#include "engine/expr/expr.h"

namespace vozex::expr {

struct Product {
  std::map<std::string, Domain> values;     // by path: "data.captured"
  std::map<std::string, bool> tests;        // not understood, by text: how it comes out
  std::map<std::string, bool> state_tests;  // in_state('path'), by path
  bool always() const { return values.empty() && tests.empty() && state_tests.empty(); }
};

// Whether a key of `values` is a path as authors write it, not the text of a computation.
bool is_plain_path(std::string_view key);

struct Predicate {
  std::vector<Product> products;  // none: never holds
  bool never() const { return products.empty(); }
  bool always() const;
};

// The declared type of a path when reading it can't fail, else null.
using TypeOfPath = std::function<types::TypeRef(std::string_view path)>;

// Larger conditions are not worked out: comparing them must stay cheap in any file.
inline constexpr std::size_t k_max_products = 16;
inline constexpr std::size_t k_max_terms = 16;    // of a product
inline constexpr std::size_t k_max_reads = 1000;  // of nodes; a nested ?: reads its condition twice

// Nothing when it is too large.
std::optional<Predicate> predicate_of(const Program& condition, const TypeOfPath& type_of_path);

// a and b; nothing when it is too large.
std::optional<Predicate> both(const Predicate& a, const Predicate& b);

// Whether each time that `product` holds one of `others` does, for certain.
bool covers(const std::vector<const Predicate*>& others,
            const Product& product,
            const TypeOfPath& type_of_path);

// The texts that a program can give, when they all stand in it: "${a ? 'x' : 'y'}".
std::optional<std::vector<std::string>> texts_of(const Program& program);

}  // namespace vozex::expr
