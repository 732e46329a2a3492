// SPDX-License-Identifier: Apache-2.0
//
// Starters: a workflow to begin with and its scenarios, from a kind and a few answers. What they
// give validates without a warning and its scenarios pass, for every combination; a test shows
// that. Pure. Tests: tests/unit/lab.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace vozex::lab {

// A kind of lifecycle that a starter exists for.
struct StarterKind {
  std::string_view name;      // "approval"
  std::string_view meaning;   // one line, for the question
  std::string_view deadline;  // what is proposed: "14d"
  std::string_view role;
};
const std::vector<StarterKind>& starter_kinds();
const StarterKind* find_starter_kind(std::string_view name);

// The files of engine/lab/starters: "approval.yaml" and "approval.test.yaml" for each kind. A
// template is the file with three additions: {{name}}, {{title}}, {{deadline}} and {{role}} are
// replaced; a line that begins with `?d ` or `?r ` is there only with a deadline or a role, one
// with `!d ` or `!r ` only without; marks may follow each other: `?d !r `.
struct StarterTemplate {
  std::string_view name;
  std::string_view text;
};
const std::vector<StarterTemplate>& starter_templates();  // generated, see cmake/embed.cmake

struct StarterAnswers {
  std::string name;  // of the workflow: small letters, digits and _
  std::string kind;
  std::string deadline;  // a duration; "" = none: nothing happens by itself
  std::string role;      // who acts where a person must; "" = nobody has to
};

struct Starter {
  std::string workflow;  // the text of NAME.yaml
  std::string tests;     // the text of NAME.test.yaml
};

// Errors, class invalid: bad_name, unknown_kind, bad_deadline, bad_role.
Result<Starter> make_starter(const StarterAnswers& answers);

}  // namespace vozex::lab
