// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/expectations.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/types/json.h"

namespace vozex::lab {
namespace {

using types::Kind;
using types::Value;

std::string shown(const Value& value) {
  return value.is_null() ? "nothing" : types::to_json(value);
}

// Kinds that JSON lacks are expected as the text they are written as.
bool same(const Value& expected, const Value& actual) {
  return expected == actual || types::to_json(expected) == types::to_json(actual);
}

std::optional<Difference> list_difference(const Value& expected,
                                          const Value& actual,
                                          const std::string& path) {
  const Value::List& wanted = expected.as_list();
  const Value::List& given = actual.as_list();
  if (wanted.size() != given.size()) {
    return Difference{path, shown(expected), shown(actual)};
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    auto found = difference(wanted[i], given[i], path + "[" + std::to_string(i) + "]");
    if (found) return found;
  }
  return std::nullopt;
}

// One check, and where its failures go.
struct Checker {
  const ExpectStep& step;
  const Situation& situation;
  Span where;
  std::vector<Failure> failures;

  Span span_of(const std::string& key) const {
    const auto found = step.spans.find(key);
    return found != step.spans.end() ? found->second : where;
  }
  void miss(const Span& span, std::string what, std::string expected, std::string actual) {
    failures.push_back({span, std::move(what), std::move(expected), std::move(actual)});
  }
  void compare(const std::string& key, const Value& expected, const Value& actual) {
    if (auto found = difference(expected, actual, key)) {
      miss(span_of(key), found->path, found->expected, found->actual);
    }
  }
};

void check_states(Checker& checker, const Inhabitant& subject) {
  const std::string actual = state_text(*subject.machine, subject.snapshot);
  for (const std::string& path : checker.step.states) {
    const machine::StateIndex state = subject.machine->find_state(path);
    if (state != machine::k_no_state && subject.snapshot.is_active(state)) continue;
    checker.miss(checker.span_of("state"), "state", path, actual.empty() ? "no state" : actual);
  }
}

Value reply_of(const Inhabitant& subject) {
  if (!subject.reply) return Value();
  if (subject.reply->ok) return subject.reply->result;
  return Value::object({{"error", to_value(subject.reply->error)}});
}

// A number counts; a list names the states whose timers are armed.
void check_timers(Checker& checker, const Inhabitant& subject, const Value& expected) {
  if (expected.kind() == Kind::integer) {
    const auto armed = subject.snapshot.timers.size() + subject.snapshot.sends.size();
    checker.compare("timers", expected, Value::integer(static_cast<std::int64_t>(armed)));
    return;
  }
  Value::List states;
  for (const auto& timer : subject.snapshot.timers) {
    states.push_back(Value::string(subject.machine->states[timer.state].path));
  }
  checker.compare("timers", expected, Value::list(std::move(states)));
}

Value task_value(const Inhabitant& subject, const machine::OpenTask& task) {
  Value::List roles;
  for (const std::string& role : task.roles) roles.push_back(Value::string(role));
  const auto text = [](const std::string& word) {
    return word.empty() ? Value() : Value::string(word);
  };
  return Value::object({{"assignee", text(task.assignee)},
                        {"due", task.due ? Value::timestamp(*task.due) : Value()},
                        {"level", Value::integer(task.level)},
                        {"queue", text(task.queue)},
                        {"roles", Value::list(std::move(roles))},
                        {"state", Value::string(subject.machine->states[task.state].path)},
                        {"title", text(task.title)}});
}

// A text is a task's queue, a map what must be so of it.
Value shown_tasks(const Inhabitant& subject, const Value& expected) {
  Value::List tasks;
  for (std::size_t i = 0; i < subject.snapshot.tasks.size(); ++i) {
    const machine::OpenTask& task = subject.snapshot.tasks[i];
    const bool whole =
        expected.is_list() && i < expected.as_list().size() && expected.as_list()[i].is_map();
    tasks.push_back(whole ? task_value(subject, task) : Value::string(task.queue));
  }
  return Value::list(std::move(tasks));
}

Value deferred_names(const Inhabitant& subject) {
  Value::List names;
  for (const machine::Event& event : subject.snapshot.deferred)
    names.push_back(Value::string(event.name));
  return Value::list(std::move(names));
}

void check_incident(Checker& checker, const Inhabitant& subject, const Value& expected) {
  const auto& incidents = subject.snapshot.incidents;
  std::string actual;
  for (const machine::Incident& incident : incidents) {
    if (expected.is_string() && incident.code == expected.as_string()) return;
    actual += (actual.empty() ? "" : ", ") + incident.code + " (" + incident.message + ")";
  }
  if (expected.is_null() && incidents.empty()) return;
  checker.miss(checker.span_of("incident"),
               "incident",
               shown(expected),
               actual.empty() ? "nothing" : actual);
}

// A name, or {name: data}.
bool was_emitted(const Value& expected, const std::vector<Emitted>& emitted) {
  for (const Emitted& one : emitted) {
    if (expected.is_string() && expected.as_string() == one.event) return true;
    if (!expected.is_map()) continue;
    for (const Value::MapEntry& entry : expected.as_map()) {
      if (entry.key.is_string() && entry.key.as_string() == one.event &&
          !difference(entry.value, one.data, "")) {
        return true;
      }
    }
  }
  return false;
}

void check_emitted(Checker& checker, const Value& expected) {
  const std::vector<Emitted>& emitted = checker.situation.world.emitted();
  std::string actual;
  for (const Emitted& one : emitted)
    actual += (actual.empty() ? "" : ", ") + one.event + " " + types::to_json(one.data);
  if (actual.empty()) actual = "nothing";
  const Value::List wanted = expected.is_list() ? expected.as_list() : Value::List{expected};
  if (wanted.empty() && !emitted.empty())
    checker.miss(checker.span_of("emitted"), "emitted", "nothing", actual);
  for (const Value& one : wanted) {
    if (!was_emitted(one, emitted))
      checker.miss(checker.span_of("emitted"), "emitted", shown(one), actual);
  }
}

void check_calls(Checker& checker) {
  for (const auto& [name, expected] : checker.step.calls) {
    const std::vector<Value>& inputs = checker.situation.world.calls(name);
    const std::string what = "calls." + name;
    const Value actual = expected.value.is_list()
                             ? Value::list(inputs)
                             : Value::integer(static_cast<std::int64_t>(inputs.size()));
    if (auto found = difference(expected.value, actual, what)) {
      checker.miss(expected.span, found->path, found->expected, found->actual);
    }
  }
}

// Expectations that need no instance.
bool check_world(Checker& checker, const std::string& key, const Value& expected) {
  const Situation& situation = checker.situation;
  if (key == "outcome") {
    checker.compare(key, expected, Value::string(situation.last_disposition));
  } else if (key == "rejection") {
    const Value actual =
        situation.last_rejection.empty() ? Value() : Value::string(situation.last_rejection);
    checker.compare(key, expected, actual);
  } else if (key == "emitted") {
    check_emitted(checker, expected);
  } else {
    return false;
  }
  return true;
}

void check_subject(Checker& checker,
                   const Inhabitant& subject,
                   const std::string& key,
                   const Value& expected) {
  const machine::Snapshot& snapshot = subject.snapshot;
  if (key == "status") {
    checker.compare(
        key, expected, snapshot.status.empty() ? Value() : Value::string(snapshot.status));
  } else if (key == "data") {
    checker.compare(key, expected, snapshot.data);
  } else if (key == "output") {
    checker.compare(key, expected, snapshot.output);
  } else if (key == "error") {
    checker.compare(
        key, expected, snapshot.error.code.empty() ? Value() : to_value(snapshot.error));
  } else if (key == "reply") {
    checker.compare(key, expected, reply_of(subject));
  } else if (key == "life") {
    checker.compare(key, expected, Value::string(to_string(snapshot.life)));
  } else if (key == "timers") {
    check_timers(checker, subject, expected);
  } else if (key == "tasks") {
    checker.compare(key, expected, shown_tasks(subject, expected));
  } else if (key == "deferred") {
    checker.compare(key, expected, deferred_names(subject));
  } else if (key == "incident") {
    check_incident(checker, subject, expected);
  }
}

}  // namespace

std::optional<Difference> difference(const Value& expected,
                                     const Value& actual,
                                     const std::string& path) {
  if (expected.is_map() && actual.is_map()) {
    for (const Value::MapEntry& entry : expected.as_map()) {
      if (!entry.key.is_string()) continue;
      const std::string& name = entry.key.as_string();
      const Value* given = actual.find(name);
      auto found = difference(entry.value,
                              given != nullptr ? *given : Value(),
                              path.empty() ? name : fmt::format("{}.{}", path, name));
      if (found) return found;
    }
    return std::nullopt;
  }
  if (expected.is_list() && actual.is_list()) return list_difference(expected, actual, path);
  if (same(expected, actual)) return std::nullopt;
  return Difference{path, shown(expected), shown(actual)};
}

std::vector<Failure> check(const ExpectStep& step, const Situation& situation, const Span& where) {
  Checker checker{step, situation, where, {}};
  const Inhabitant* subject = situation.subject;
  const bool wants_subject = !step.states.empty();
  bool told_missing = false;
  const auto missing = [&](const Span& span) {
    if (!std::exchange(told_missing, true)) {
      checker.miss(span,
                   step.workflow.empty() ? "instance" : step.workflow,
                   "an instance",
                   "none was started");
    }
  };
  if (wants_subject && subject == nullptr) missing(checker.span_of("state"));
  if (wants_subject && subject != nullptr) check_states(checker, *subject);
  for (const auto& [key, expected] : step.values) {
    if (check_world(checker, key, expected.value)) continue;
    if (subject == nullptr) {
      missing(expected.span);
    } else {
      check_subject(checker, *subject, key, expected.value);
    }
  }
  check_calls(checker);
  std::stable_sort(
      checker.failures.begin(), checker.failures.end(), [](const Failure& a, const Failure& b) {
        return std::pair(a.span.line, a.span.column) < std::pair(b.span.line, b.span.column);
      });
  return std::move(checker.failures);
}

}  // namespace vozex::lab
