// SPDX-License-Identifier: Apache-2.0
#include "engine/expr/emit.h"

#include <re2/re2.h>

#include <algorithm>

#include "engine/expr/eval.h"
#include "engine/expr/pattern.h"

namespace vozex::expr {
namespace {

// Folding may not make compiling slow or programs big.
constexpr EvalLimits k_folding{100'000, 64u << 10};

class NoVariables : public Activation {
 public:
  const types::Value* variable(Slot) const override { return nullptr; }
  bool in_state(std::string_view) const override { return false; }
};

// Maps are sorted by key, so a declared member's place is known but for absent ones before it.
std::uint16_t rank_of(const Ast& target, const std::string& name) {
  const Ty* type = target.type;
  if (type != nullptr && type->kind == Ty::Kind::optional) type = type->parts[0];
  if (type == nullptr || (type->kind != Ty::Kind::object && type->kind != Ty::Kind::money))
    return k_no_rank;
  const std::vector<std::string> names = member_names(*type);
  return static_cast<std::uint16_t>(
      std::count_if(names.begin(), names.end(), [&](const std::string& n) { return n < name; }));
}

bool is_optional(const Ast& node) {
  return node.type != nullptr && node.type->kind == Ty::Kind::optional;
}

class Emitter {
 public:
  Emitter(const Scope& scope, Program& program) : scope_(scope), out_(program) {}

  std::uint32_t emit(const Ast& node) {
    switch (node.kind) {
      case AstKind::literal: return constant(node.value);
      case AstKind::variable: return variable(node);
      case AstKind::local: return wrapped(node, add(Op::local, node.slot));
      case AstKind::name:
      case AstKind::unknown: {
        Node unknown;
        unknown.op = Op::unknown;
        unknown.datum = name(node.name);
        return push(unknown);
      }
      case AstKind::select: return select(node);
      case AstKind::has: return has(node);
      case AstKind::index: return index(node);
      case AstKind::call: return call(node);
      case AstKind::logical_and: return many(Op::all_of, node, {});
      case AstKind::logical_or: return many(Op::any_of, node, {});
      case AstKind::conditional: return choice(node);
      case AstKind::list: return many(Op::list, node, node.optional_entries);
      case AstKind::map: return many(Op::map, node, node.optional_entries);
      case AstKind::macro: return macro(node);
      case AstKind::concat: return many(Op::concat, node, {});
    }
    return 0;
  }

 private:
  std::uint32_t push(const Node& node) {
    out_.nodes.push_back(node);
    return static_cast<std::uint32_t>(out_.nodes.size() - 1);
  }
  std::uint32_t add(Op op, Slot slot) {
    Node node;
    node.op = op;
    node.slot = slot;
    return push(node);
  }
  std::uint32_t constant(types::Value value) {
    Node node;
    node.op = Op::constant;
    node.datum = static_cast<std::uint32_t>(out_.constants.size());
    out_.constants.push_back(std::move(value));
    return push(node);
  }
  std::uint32_t name(const std::string& text, std::uint16_t rank = k_no_rank) {
    out_.names.push_back(text);
    out_.ranks.push_back(rank);
    return static_cast<std::uint32_t>(out_.names.size() - 1);
  }
  bool is_constant(std::uint32_t id) const { return out_.nodes[id].op == Op::constant; }

  // A node whose parts are all constant is evaluated now; one that fails stays, to fail when it
  // runs.
  std::uint32_t folded(std::uint32_t id, bool foldable) {
    if (!foldable) return id;
    auto value = evaluate_node(out_, id, NoVariables(), k_folding);
    return value ? constant(std::move(*value)) : id;
  }

  // Reads of declared data are bare; the optional is made where one is wanted.
  std::uint32_t wrapped(const Ast& node, std::uint32_t id) {
    if (!is_optional(node)) return id;
    Node wrap;
    wrap.op = Op::wrap;
    wrap.a = id;
    return push(wrap);
  }
  // What a wrap wraps, for callers that open it at once.
  std::uint32_t bare(std::uint32_t id) const {
    return out_.nodes[id].op == Op::wrap ? out_.nodes[id].a : id;
  }

  std::uint32_t variable(const Ast& node) {
    Node read;
    read.op = Op::variable;
    read.slot = scope_.variables[node.slot].slot;
    read.c = name(node.name);
    read.null_when_absent = is_optional(node);
    return wrapped(node, push(read));
  }

  // variable.a.b.c whose inner members are all plain: one node.
  bool path(const Ast& node, std::uint32_t& id) {
    std::vector<const Ast*> links;
    const Ast* at = &node;
    while (at->kind == AstKind::select && !at->optional) {
      links.push_back(at);
      at = at->target;
      if (is_optional(*at)) return false;
    }
    if (at->kind != AstKind::variable || links.empty()) return false;
    Node read;
    read.op = Op::path;
    read.slot = scope_.variables[at->slot].slot;
    read.c = name(at->name);
    for (const auto& [member, slot] : scope_.variables[at->slot].members) {
      if (member != links.back()->name) continue;
      read.slot = slot;
      read.a = 1;
      break;
    }
    read.datum = static_cast<std::uint32_t>(out_.names.size());
    read.b = static_cast<std::uint32_t>(links.size());
    read.null_when_absent = is_optional(node);
    for (auto link = links.rbegin(); link != links.rend(); ++link)
      name((*link)->name, rank_of(*(*link)->target, (*link)->name));
    id = push(read);
    return true;
  }

  std::uint32_t select(const Ast& node) {
    std::uint32_t id = 0;
    if (path(node, id)) return wrapped(node, id);
    Node read;
    const bool chained = is_optional(*node.target);
    read.op = node.optional || chained ? Op::optional_select : Op::select;
    read.a = emit(*node.target);
    read.datum = name(node.name, rank_of(*node.target, node.name));
    read.null_when_absent = node.member_optional;
    id = push(read);
    if (is_constant(read.a)) return folded(id, true);
    return read.op == Op::select ? wrapped(node, id) : id;
  }

  std::uint32_t has(const Ast& node) {
    Node test;
    test.op = Op::has;
    test.a = emit(*node.target);
    test.datum = name(node.name, rank_of(*node.target, node.name));
    test.null_when_absent = node.member_optional;
    const std::uint32_t id = push(test);
    return folded(id, is_constant(test.a));
  }

  std::uint32_t index(const Ast& node) {
    Node read;
    read.op = node.optional ? Op::optional_index : Op::index;
    read.a = emit(*node.target);
    read.b = emit(*node.args[0]);
    const std::uint32_t id = push(read);
    if (is_constant(read.a) && is_constant(read.b)) return folded(id, true);
    return node.optional || is_optional(*node.target) ? id : wrapped(node, id);
  }

  std::vector<std::uint32_t> parts_of(const Ast& node) {
    std::vector<std::uint32_t> parts;
    if (node.target != nullptr) parts.push_back(emit(*node.target));
    for (const Ast* arg : node.args) parts.push_back(emit(*arg));
    return parts;
  }

  void adopt(Node& node, const std::vector<std::uint32_t>& parts) {
    node.a = static_cast<std::uint32_t>(out_.children.size());
    node.b = static_cast<std::uint32_t>(parts.size());
    out_.children.insert(out_.children.end(), parts.begin(), parts.end());
  }

  bool all_constant(const std::vector<std::uint32_t>& parts) const {
    return std::all_of(
        parts.begin(), parts.end(), [&](std::uint32_t id) { return is_constant(id); });
  }

  std::uint32_t many(Op op, const Ast& node, const std::vector<bool>& optional) {
    const std::vector<std::uint32_t> parts = parts_of(node);
    Node made;
    made.op = op;
    adopt(made, parts);
    made.datum = static_cast<std::uint32_t>(out_.constants.size());
    types::Value flags;
    if (std::find(optional.begin(), optional.end(), true) != optional.end()) {
      types::Value::List list;
      for (const bool flag : optional) list.push_back(types::Value::boolean(flag));
      flags = types::Value::list(std::move(list));
    }
    out_.constants.push_back(std::move(flags));
    return folded(push(made), all_constant(parts));
  }

  // Beside an optional, null means none.
  std::uint32_t branch(const Ast& choice, const Ast& node) {
    const bool none = is_optional(choice) && node.type->kind == Ty::Kind::null;
    return none ? constant(types::Value::optional_none()) : emit(node);
  }

  std::uint32_t choice(const Ast& node) {
    Node made;
    made.op = Op::choice;
    made.a = emit(*node.args[0]);
    made.b = branch(node, *node.args[1]);
    made.c = branch(node, *node.args[2]);
    const types::Value* condition =
        is_constant(made.a) ? &out_.constants[out_.nodes[made.a].datum] : nullptr;
    if (condition != nullptr && condition->kind() == types::Kind::boolean) {
      return condition->as_boolean() ? made.b : made.c;
    }
    return push(made);
  }

  std::uint32_t macro(const Ast& node) {
    const std::vector<std::uint32_t> parts = parts_of(node);
    Node made;
    made.op = Op::macro;
    made.macro = node.macro;
    made.slot = node.slot;
    made.two_variables = node.variables.size() == 2;
    made.filtered = node.filtered;
    adopt(made, parts);
    return push(made);
  }

  std::uint32_t call(const Ast& node) {
    if (node.function == Fn::unknown) {
      Node unknown;
      unknown.op = Op::unknown;
      unknown.datum = name(node.name);
      return push(unknown);
    }
    std::vector<std::uint32_t> parts = parts_of(node);
    Node made;
    made.fn = node.function;
    if (node.is_operator && parts.size() == 2) {
      made.op = Op::binary;
      made.a = parts[0];
      made.b = parts[1];
      return folded(push(made), all_constant(parts));
    }
    const bool opened =
        parts.size() == 1 || parts.size() == 2 ? out_.nodes[parts[0]].op == Op::wrap : false;
    if (opened && made.fn == Fn::has_value) {
      made.op = Op::present;
      made.a = bare(parts[0]);
      return push(made);
    }
    if (opened && made.fn == Fn::or_value && parts.size() == 2) {
      made.op = Op::or_else;
      made.a = bare(parts[0]);
      made.b = parts[1];
      return push(made);
    }
    if (opened && made.fn == Fn::value) parts[0] = bare(parts[0]);
    if (made.fn == Fn::sum && parts.size() == 1 && is_values(parts[0])) {
      made.fn = Fn::sum_values;
      parts[0] = out_.children[out_.nodes[parts[0]].a];
    }
    made.op = Op::call;
    adopt(made, parts);
    if (made.fn == Fn::matches) made.datum = pattern(parts);
    return folded(push(made), made.fn != Fn::in_state && all_constant(parts));
  }

  bool is_values(std::uint32_t id) const {
    const Node& node = out_.nodes[id];
    return node.op == Op::call && node.fn == Fn::values && node.b == 1;
  }

  // A constant pattern is compiled once.
  std::uint32_t pattern(const std::vector<std::uint32_t>& parts) {
    if (parts.size() != 2 || !is_constant(parts[1])) return 0;
    const types::Value& text = out_.constants[out_.nodes[parts[1]].datum];
    if (!text.is_string()) return 0;
    auto compiled = compile_pattern(text.as_string());
    if (!compiled->ok()) return 0;
    out_.patterns.push_back(std::move(compiled));
    return static_cast<std::uint32_t>(out_.patterns.size());
  }

  const Scope& scope_;
  Program& out_;
};

}  // namespace

void emit(const Ast& root, const Scope& scope, Program& program) {
  program.root = Emitter(scope, program).emit(root);
  const Node& node = program.nodes[program.root];
  if (node.op == Op::constant) program.constant = program.constants[node.datum];
}

}  // namespace vozex::expr
