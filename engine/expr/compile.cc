// SPDX-License-Identifier: Apache-2.0
#include "engine/expr/compile.h"

#include <algorithm>

#include "engine/expr/check.h"
#include "engine/expr/emit.h"
#include "engine/expr/parser.h"
#include "engine/expr/program.h"
#include "engine/expr/token.h"

namespace vozex::expr {
namespace {

std::vector<Problem> by_place(std::vector<Problem> problems) {
  std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
    return a.offset < b.offset;
  });
  return problems;
}

}  // namespace

Compiled finish(Tree& tree,
                std::string_view source,
                const Scope& scope,
                const Surroundings& surroundings,
                const CompileOptions& options,
                std::vector<Problem> problems) {
  if (tree.root == nullptr) return tl::unexpected(by_place(std::move(problems)));
  resolve(tree, scope, surroundings, options.check, problems);
  auto program = std::make_shared<Program>();
  program->type = types::dyn_type();
  program->deduced = "dyn";
  TyArena arena;
  if (options.check) {
    const Ty* type = check(tree, source, scope, surroundings, arena, problems);
    program->type = to_type(*type);
    program->deduced = spec_text(*type);
  }
  if (!problems.empty()) return tl::unexpected(by_place(std::move(problems)));
  program->source = std::string(source);
  program->references = collect_references(*tree.root);
  program->state_queries = collect_state_queries(*tree.root);
  emit(*tree.root, scope, *program);
  return program;
}

Compiled compile_in(std::string_view text,
                    const Scope& scope,
                    const Surroundings& surroundings,
                    const CompileOptions& options) {
  Tree tree;
  std::vector<Problem> problems;
  // `${...}` around a bare expression is accepted.
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const std::size_t last = text.find_last_not_of(" \t\r\n");
  const bool enclosed =
      first != std::string_view::npos && text.size() <= options.limits.max_bytes &&
      text.substr(first).starts_with("${") && closing_brace(text, first + 2) == last;
  if (enclosed) {
    parse(text.substr(first + 2, last - first - 2), options.limits, first + 2, tree, problems);
  } else {
    parse(text, options.limits, 0, tree, problems);
  }
  return finish(tree, text, scope, surroundings, options, std::move(problems));
}

Compiled compile(std::string_view text, const Scope& scope, const CompileOptions& options) {
  return compile_in(text, scope, Surroundings{}, options);
}

const std::string& deduced_type_of(const Program& program) { return program.deduced; }

}  // namespace vozex::expr
