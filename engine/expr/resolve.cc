// SPDX-License-Identifier: Apache-2.0
#include "engine/expr/resolve.h"

#include <algorithm>
#include <array>

#include "engine/base/text.h"
#include "engine/expr/problems.h"

namespace vozex::expr {
namespace {

struct TypeName {
  std::string_view written;
  std::string_view type;
};
constexpr std::array<TypeName, 14> k_type_names{
    {{"bool", "bool"},
     {"int", "int"},
     {"uint", "uint"},
     {"double", "double"},
     {"string", "string"},
     {"bytes", "bytes"},
     {"list", "list"},
     {"map", "map"},
     {"null_type", "null_type"},
     {"type", "type"},
     {"optional_type", "optional_type"},
     {"google.protobuf.Timestamp", "google.protobuf.Timestamp"},
     {"google.protobuf.Duration", "google.protobuf.Duration"},
     {"timestamp", "google.protobuf.Timestamp"}}};

// What other languages call it.
struct Habit {
  std::string_view written;
  std::string_view hint;
};
constexpr std::array<Habit, 8> k_habits{
    {{"True", "write true"},
     {"False", "write false"},
     {"None", "write null, or optional.none()"},
     {"nil", "write null"},
     {"undefined", "write null, or has(a.b) to ask whether a member is there"},
     {"NULL", "write null"},
     {"Math", "write math.greatest, math.least, math.round ..."},
     {"this", "data, input and event are the names to start from"}}};

std::string joined_names(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

class Resolver {
 public:
  Resolver(const Scope& scope,
           const Surroundings& surroundings,
           bool check,
           std::vector<Problem>& problems)
      : scope_(scope), around_(surroundings), check_(check), problems_(problems) {}

  void walk(Ast& node) {
    switch (node.kind) {
      case AstKind::name:
      case AstKind::select: return chain(node);
      case AstKind::call: return call(node);
      case AstKind::macro: return macro(node);
      case AstKind::map: return map(node);
      case AstKind::literal:
      case AstKind::variable:
      case AstKind::local:
      case AstKind::unknown:
      case AstKind::has:
      case AstKind::index:
      case AstKind::logical_and:
      case AstKind::logical_or:
      case AstKind::conditional:
      case AstKind::list:
      case AstKind::concat: return children(node);
    }
  }

 private:
  void children(Ast& node) {
    if (node.target != nullptr) walk(*node.target);
    for (Ast* arg : node.args) walk(*arg);
  }

  // The nodes of `a.b.c` from the name outwards; empty when the innermost is no name.
  static std::vector<Ast*> links_of(Ast& node) {
    std::vector<Ast*> links;
    Ast* at = &node;
    while (at->kind == AstKind::select && !at->optional) {
      links.push_back(at);
      at = at->target;
    }
    if (at->kind != AstKind::name) return {};
    links.push_back(at);
    std::reverse(links.begin(), links.end());
    return links;
  }

  static std::string joined(const std::vector<Ast*>& links, std::size_t count) {
    std::string name = links[0]->name;
    for (std::size_t i = 1; i < count; ++i) name += "." + links[i]->name;
    return name;
  }

  void chain(Ast& node) {
    const std::vector<Ast*> links = links_of(node);
    if (links.empty()) return children(node);
    Ast& first = *links[0];
    if (!first.root && local(first)) return;
    for (std::size_t count = links.size(); count > 0; --count) {
      if (variable(*links[count - 1], joined(links, count), first.root)) return;
    }
    for (std::size_t count = links.size(); count > 0; --count) {
      if (type_name(*links[count - 1], joined(links, count))) return;
    }
    first.kind = AstKind::unknown;
    if (check_) unknown(first);
  }

  bool local(Ast& node) const {
    for (std::size_t i = locals_.size(); i > 0; --i) {
      if (locals_[i - 1] != node.name) continue;
      node.kind = AstKind::local;
      node.slot = static_cast<std::uint16_t>(i - 1);
      return true;
    }
    return false;
  }

  bool is_local(const std::string& name) const {
    return std::find(locals_.begin(), locals_.end(), name) != locals_.end();
  }

  const Variable* find(const std::string& name, bool root) const {
    for (const std::string& candidate : candidates(around_.container, name, root)) {
      for (const Variable& variable : scope_.variables) {
        if (variable.name == candidate) return &variable;
      }
    }
    return nullptr;
  }

  bool variable(Ast& node, const std::string& name, bool root) {
    const Variable* found = find(name, root);
    if (found == nullptr) return false;
    node.kind = AstKind::variable;
    node.name = found->name;
    node.target = nullptr;
    node.slot = static_cast<std::uint16_t>(found - scope_.variables.data());
    if (!found->unavailable.empty()) {
      problems_.push_back({std::string(code::k_unavailable_variable),
                           found->unavailable,
                           "",
                           node.begin,
                           node.end - node.begin});
    }
    return true;
  }

  static bool type_name(Ast& node, const std::string& name) {
    const auto known = std::find_if(k_type_names.begin(),
                                    k_type_names.end(),
                                    [&](const TypeName& t) { return t.written == name; });
    if (known == k_type_names.end()) return false;
    node.kind = AstKind::literal;
    node.target = nullptr;
    node.value = types::Value::type(std::string(known->type));
    return true;
  }

  void unknown(const Ast& node) {
    std::vector<std::string> visible = locals_;
    for (const Variable& variable : scope_.variables) {
      if (variable.unavailable.empty()) visible.push_back(variable.name);
    }
    std::string hint;
    const auto habit = std::find_if(
        k_habits.begin(), k_habits.end(), [&](const Habit& h) { return h.written == node.name; });
    if (habit != k_habits.end()) {
      hint = habit->hint;
    } else if (const auto near = nearest(node.name, visible)) {
      hint = "did you mean '" + *near + "'?";
    } else if (in_key_) {
      hint = "a key is an expression: write '" + node.name + "' in quotes";
    } else if (is_function_namespace(node.name)) {
      hint = "'" + node.name + "' holds functions, such as " + example_of(node.name);
    } else if (find_function(node.name) != nullptr) {
      hint = "'" + node.name + "' is a function: write " + node.name + "(...)";
    } else if (!visible.empty() && visible.size() <= 12) {
      hint = "known here: " + joined_names(visible);
    }
    problems_.push_back({std::string(code::k_unknown_variable),
                         "unknown name '" + node.name + "'",
                         std::move(hint),
                         node.begin,
                         node.end - node.begin});
  }

  static std::string example_of(const std::string& space) {
    for (const FunctionDecl& decl : all_functions()) {
      if (decl.name.starts_with(space + ".")) return decl.name + "(...)";
    }
    return space;
  }

  const FunctionDecl* function(const std::string& name, bool root) const {
    for (const std::string& candidate : candidates(around_.container, name, root)) {
      if (const FunctionDecl* known = find_function(candidate)) return known;
      for (const FunctionDecl& declared : around_.functions) {
        if (declared.name == candidate) return &declared;
      }
    }
    return nullptr;
  }

  void call(Ast& node) {
    if (node.is_operator) return children(node);
    if (node.member) {
      const std::vector<Ast*> links = links_of(*node.target);
      const bool free_name = !links.empty() && !is_local(links[0]->name) &&
                             find(links[0]->name, links[0]->root) == nullptr;
      if (free_name) namespaced(node, links);
    }
    if (const FunctionDecl* known = function(node.name, node.root)) {
      node.function = known->fn;
      node.name = known->name;
    }
    children(node);
  }

  void namespaced(Ast& node, const std::vector<Ast*>& links) const {
    const std::string prefix = joined(links, links.size());
    const FunctionDecl* known = function(prefix + "." + node.name, links[0]->root);
    if (known == nullptr && !is_function_namespace(prefix)) return;
    node.name = known == nullptr ? prefix + "." + node.name : known->name;
    node.name_begin = links[0]->begin;
    node.member = false;
    node.target = nullptr;
  }

  void map(Ast& node) {
    for (std::size_t i = 0; i < node.args.size(); ++i) {
      const bool outer = in_key_;
      in_key_ = i % 2 == 0 && node.args[i]->kind == AstKind::name;
      walk(*node.args[i]);
      in_key_ = outer;
    }
  }

  void macro(Ast& node) {
    walk(*node.target);
    node.slot = static_cast<std::uint16_t>(locals_.size());
    locals_.insert(locals_.end(), node.variables.begin(), node.variables.end());
    if (locals_.size() > k_max_locals) {
      problems_.push_back(
          {std::string(code::k_too_big),
           "more than " + std::to_string(k_max_locals) + " loop variables are nested here",
           "",
           node.begin,
           node.end - node.begin});
    } else {
      for (Ast* arg : node.args) walk(*arg);
    }
    locals_.resize(locals_.size() - node.variables.size());
  }

  const Scope& scope_;
  const Surroundings& around_;
  bool check_;
  std::vector<Problem>& problems_;
  std::vector<std::string> locals_;
  bool in_key_ = false;
};

}  // namespace

std::vector<std::string> candidates(const std::string& container,
                                    const std::string& name,
                                    bool root) {
  std::vector<std::string> all;
  std::string prefix = root ? std::string() : container;
  while (!prefix.empty()) {
    std::string& inner = all.emplace_back(prefix);
    inner.append(".").append(name);
    const std::size_t dot = prefix.rfind('.');
    prefix.resize(dot == std::string::npos ? 0 : dot);
  }
  all.push_back(name);
  return all;
}

void resolve(Tree& tree,
             const Scope& scope,
             const Surroundings& surroundings,
             bool check,
             std::vector<Problem>& problems) {
  Resolver(scope, surroundings, check, problems).walk(*tree.root);
}

namespace {

void references_below(const Ast& node, std::vector<Reference>& out) {
  std::string path;
  const Ast* at = &node;
  while (at->kind == AstKind::select || at->kind == AstKind::has) {
    path.insert(0, at->name).insert(0, ".");
    at = at->target;
  }
  if (at->kind == AstKind::variable) {
    out.push_back({at->name + path, at->begin});
    return;
  }
  if (at != &node) return references_below(*at, out);
  if (node.target != nullptr) references_below(*node.target, out);
  for (const Ast* arg : node.args) references_below(*arg, out);
}

void queries_below(const Ast& node, std::vector<Reference>& out) {
  if (node.function == Fn::in_state && node.args.size() == 1 &&
      node.args[0]->kind == AstKind::literal && node.args[0]->value.is_string()) {
    out.push_back({node.args[0]->value.as_string(), node.args[0]->begin});
  }
  if (node.target != nullptr) queries_below(*node.target, out);
  for (const Ast* arg : node.args) queries_below(*arg, out);
}

}  // namespace

std::vector<Reference> collect_references(const Ast& root) {
  std::vector<Reference> out;
  references_below(root, out);
  return out;
}

std::vector<Reference> collect_state_queries(const Ast& root) {
  std::vector<Reference> out;
  queries_below(root, out);
  return out;
}

}  // namespace vozex::expr
