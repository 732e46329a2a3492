// SPDX-License-Identifier: Apache-2.0
//
// Reads a compiled condition as a sum of products.
#include "engine/expr/predicate.h"
#include "engine/expr/program.h"
#include "engine/types/json.h"

namespace vozex::expr {
namespace {

using types::TypeKind;
using types::Value;
using Sum = std::optional<std::vector<Product>>;  // nothing: too large

Sum always_true() { return std::vector<Product>{Product{}}; }
Sum always_false() { return std::vector<Product>{}; }

Sum multiply(const std::vector<Product>& a, const std::vector<Product>& b) {
  auto made = both({a}, {b});
  return made ? Sum(std::move(made->products)) : std::nullopt;
}

Sum add(std::vector<Product> a, const std::vector<Product>& b) {
  if (a.size() + b.size() > k_max_products) return std::nullopt;
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Fn mirrored(Fn fn) {
  if (fn == Fn::less) return Fn::greater;
  if (fn == Fn::less_equal) return Fn::greater_equal;
  if (fn == Fn::greater) return Fn::less;
  if (fn == Fn::greater_equal) return Fn::less_equal;
  return fn;
}

// Where `subject fn constant` holds.
std::optional<Domain> where(Fn fn, const Value& constant) {
  if (fn == Fn::equal) return Domain::only(constant);
  if (fn == Fn::less || fn == Fn::less_equal) return Domain::below(constant, fn == Fn::less_equal);
  if (fn == Fn::greater || fn == Fn::greater_equal)
    return Domain::above(constant, fn == Fn::greater_equal);
  if (fn == Fn::not_equal) {
    const auto equal = Domain::only(constant);
    return equal ? std::optional(equal->complement()) : std::nullopt;
  }
  if (fn != Fn::in || !constant.is_list()) return std::nullopt;
  Domain all;
  for (const Value& item : constant.as_list()) {
    const auto one = Domain::only(item);
    if (!one) return std::nullopt;
    all = all | *one;
  }
  return all;
}

bool is_order(Fn fn) {
  return fn == Fn::less || fn == Fn::less_equal || fn == Fn::greater || fn == Fn::greater_equal;
}

class Reader {
 public:
  Reader(const Program& program, const TypeOfPath& type_of_path)
      : program_(program), type_of_path_(type_of_path) {}

  Sum read(std::uint32_t id, bool wanted) {
    if (++reads_ > k_max_reads) return std::nullopt;
    const Node& node = program_.nodes[id];
    switch (node.op) {
      case Op::constant: {
        const Value& value = constant(node);
        if (value.kind() != types::Kind::boolean) return always_false();
        return value.as_boolean() == wanted ? always_true() : always_false();
      }
      case Op::all_of:
      case Op::any_of: return many(node, wanted);
      case Op::choice: return choice(node, wanted);
      case Op::variable:
      case Op::path: return about(id, *Domain::only(Value::boolean(wanted)));
      case Op::binary: return binary(id, node, wanted);
      case Op::call: return call(id, node, wanted);
      case Op::local:
      case Op::unknown:
      case Op::select:
      case Op::optional_select:
      case Op::has:
      case Op::index:
      case Op::optional_index:
      case Op::list:
      case Op::map:
      case Op::macro:
      case Op::concat:
      case Op::wrap:
      case Op::present:
      case Op::or_else: return opaque(id, wanted);
    }
    return opaque(id, wanted);
  }

 private:
  const Value& constant(const Node& node) const { return program_.constants[node.datum]; }
  bool is_constant(std::uint32_t id) const { return program_.nodes[id].op == Op::constant; }

  Sum opaque(std::uint32_t id, bool wanted) const {
    Product product;
    std::string text;
    write(id, text);
    product.tests.emplace(std::move(text), wanted);
    return std::vector<Product>{std::move(product)};
  }

  Sum about(std::uint32_t id, Domain domain) const {
    if (domain.empty()) return always_false();
    std::string path;
    write(id, path);
    Product product;
    product.values.emplace(std::move(path), std::move(domain));
    return std::vector<Product>{std::move(product)};
  }

  Sum many(const Node& node, bool wanted) {
    const bool all = (node.op == Op::all_of) == wanted;
    Sum sum = all ? always_true() : always_false();
    for (std::uint32_t i = 0; i < node.b && sum; ++i) {
      const Sum part = read(program_.children[node.a + i], wanted);
      if (!part) return std::nullopt;
      sum = all ? multiply(*sum, *part) : add(std::move(*sum), *part);
    }
    return sum;
  }

  Sum choice(const Node& node, bool wanted) {
    const Sum yes = read(node.a, true);
    const Sum no = read(node.a, false);
    const Sum then = read(node.b, wanted);
    const Sum otherwise = read(node.c, wanted);
    if (!yes || !no || !then || !otherwise) return std::nullopt;
    const Sum first = multiply(*yes, *then);
    const Sum second = multiply(*no, *otherwise);
    if (!first || !second) return std::nullopt;
    return add(*first, *second);
  }

  bool is_whole(std::uint32_t id) const {
    const Op op = program_.nodes[id].op;
    if (op != Op::path && op != Op::variable) return false;
    std::string path;
    write(id, path);
    const types::TypeRef type = type_of_path_(path);
    return type != nullptr && type->kind == TypeKind::integer;
  }

  Sum binary(std::uint32_t id, const Node& node, bool wanted) const {
    const bool left = is_constant(node.a);
    if (left == is_constant(node.b) || (left && node.fn == Fn::in)) return opaque(id, wanted);
    const std::uint32_t subject = left ? node.b : node.a;
    const Value& value = constant(program_.nodes[left ? node.a : node.b]);
    auto domain = where(left ? mirrored(node.fn) : node.fn, value);
    if (!domain) return opaque(id, wanted);
    const bool whole = is_whole(subject);
    if (!wanted) {
      // A comparison that fails is not false; and NaN is neither below nor above.
      if (is_order(node.fn) && !whole) return opaque(id, wanted);
      domain = is_order(node.fn) ? domain->complement().numbers_only() : domain->complement();
    }
    return about(subject, whole ? domain->whole() : *domain);
  }

  Sum call(std::uint32_t id, const Node& node, bool wanted) {
    if (node.fn == Fn::logical_not && node.b == 1) return read(program_.children[node.a], !wanted);
    const std::uint32_t argument = node.b == 1 ? program_.children[node.a] : id;
    if (node.fn != Fn::in_state || !is_constant(argument) ||
        !constant(program_.nodes[argument]).is_string())
      return opaque(id, wanted);
    Product product;
    product.state_tests.emplace(constant(program_.nodes[argument]).as_string(), wanted);
    return std::vector<Product>{std::move(product)};
  }

  // A text that is the same for the same computation: paths as authors write them.
  void write(std::uint32_t id, std::string& out) const {
    const Node& node = program_.nodes[id];
    if (node.op == Op::variable || node.op == Op::path) {
      out += program_.names[node.c];
      for (std::uint32_t i = 0; node.op == Op::path && i < node.b; ++i)
        out += "." + program_.names[node.datum + i];
      return;
    }
    if (node.op == Op::constant) {
      out += "#" + std::to_string(static_cast<int>(constant(node).kind())) + ":" +
             types::to_json(constant(node));
      return;
    }
    for (const int part : {static_cast<int>(node.op),
                           static_cast<int>(node.fn),
                           static_cast<int>(node.macro),
                           static_cast<int>(node.slot)})
      out += "~" + std::to_string(part);
    out += "(";
    write_parts(node, out);
    out += ")";
  }

  void write_parts(const Node& node, std::string& out) const {
    const auto part = [&](std::uint32_t id) {
      write(id, out);
      out += ",";
    };
    switch (node.op) {
      case Op::local:
      case Op::constant:
      case Op::variable:
      case Op::path: return;
      case Op::unknown: out += program_.names[node.datum]; return;
      case Op::select:
      case Op::optional_select:
      case Op::has:
        part(node.a);
        out += program_.names[node.datum];
        return;
      case Op::index:
      case Op::optional_index:
      case Op::binary:
      case Op::or_else:
        part(node.a);
        part(node.b);
        return;
      case Op::wrap:
      case Op::present: part(node.a); return;
      case Op::choice:
        part(node.a);
        part(node.b);
        part(node.c);
        return;
      case Op::all_of:
      case Op::any_of:
      case Op::list:
      case Op::map:
      case Op::macro:
      case Op::call:
      case Op::concat:
        if (node.op == Op::list || node.op == Op::map)
          out += types::to_json(program_.constants[node.datum]);
        for (std::uint32_t i = 0; i < node.b; ++i) part(program_.children[node.a + i]);
        return;
    }
  }

  const Program& program_;
  const TypeOfPath& type_of_path_;
  std::size_t reads_ = 0;
};

}  // namespace

std::optional<Predicate> predicate_of(const Program& condition, const TypeOfPath& type_of_path) {
  if (condition.form != Program::Form::expression || condition.nodes.empty()) return std::nullopt;
  auto products = Reader(condition, type_of_path).read(condition.root, true);
  if (!products) return std::nullopt;
  return Predicate{std::move(*products)};
}

}  // namespace vozex::expr
