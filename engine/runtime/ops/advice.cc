// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/ops/advice.h"

#include <array>

namespace vozex::runtime {
namespace {

struct Advice {
  std::string_view code;
  std::string_view text;
  // With {id}, {state} and {call}. "": --repair does it, or a server.
  std::string_view command;
};

constexpr std::string_view k_again = "vozex instance move {id} {state} --reason WHY";
constexpr std::string_view k_mend =
    "vozex instance mend {id} --states '' --reason WHY && vozex instance move {id} {state} "
    "--reason WHY && vozex instance resume {id} --reason WHY";
constexpr std::string_view k_cancel = "vozex instance cancel {id} --reason WHY";
constexpr std::string_view k_deploy = "vozex workflow deploy FILE";
constexpr std::string_view k_serve = "vozex serve";

constexpr std::array k_advice = {
    Advice{"definition_missing",
           "deploy the file of this version again: a version never changes; and resume it, if it "
           "is held meanwhile",
           k_deploy},
    Advice{
        "definition_unreadable",
        "deploy the file of this version again, with a program that can read it: the stored text "
        "is written anew",
        k_deploy},
    Advice{"snapshot_unreadable",
           "only you know where it was: look at `vozex instance raw`, give it texts of a backup "
           "(--rt, --data), or forget its runtime part and enter its state anew, which makes the "
           "calls of that state again",
           k_mend},
    Advice{"unknown_state",
           "only you know where it belongs now: its column says the state that it is put into here",
           k_mend},
    Advice{"state_differs", "its snapshot is the truth", ""},
    Advice{"timer_differs", "its timers may be late until then", ""},
    Advice{"incident_differs", "its snapshot is the truth", ""},
    Advice{"data_invalid",
           "only you know the right value: give what is missing, or null for what is wrong",
           "vozex instance patch {id} '{\"MEMBER\": VALUE}' --reason WHY"},
    Advice{"binding_missing", "events don't find it by this key", ""},
    Advice{"binding_orphan", "nobody else can take the key until then", ""},
    Advice{"binding_miscounted", "events may wait for ever or be looked for in vain", ""},
    Advice{"key_duplicate",
           "events reach only the one that holds the key. Compare the two; this command ends the "
           "one that they don't reach",
           k_cancel},
    Advice{"live_and_finished",
           "its history doesn't say which row is the later one: restore the instance from a backup",
           "vozex instance history {id}"},
    Advice{
        "call_missing",
        "nobody knows whether the call was made: look at the other system. This enters the state "
        "again and makes the call again; name another state when it was made",
        k_again},
    Advice{"call_orphan", "nobody waits for it", ""},
    Advice{"call_overdue",
           "look at its adapter's circuit breaker in /readyz, or start a server",
           k_serve},
    Advice{"timer_overdue", "start a server, or look at the log of those that run", k_serve},
    Advice{"timer_hidden", "no server finds it until then", ""},
    Advice{"call_unowned", "start a server: it takes over what dead ones left", k_serve},
    Advice{"dead_without_incident",
           "its instance waits for it: send it again",
           "vozex call retry {call} --reason WHY"},
    Advice{"task_differs", "the inbox shows people something else than what is true", ""},
    Advice{"task_orphan", "nobody can do it", ""},
    Advice{"child_missing",
           "nobody will answer it, and what the child did is not known here. This enters the state "
           "again and starts the child again; name another state when its work is done",
           k_again},
    Advice{"child_unheard",
           "its answer was lost, and it may have answered before its end: read its history, then "
           "name the state that follows from it",
           "vozex instance move {id} STATE --reason WHY"},
    Advice{"parent_missing",
           "its answer has no address: end it, or let it go on to its own end",
           k_cancel},
    Advice{"held_without_incident",
           "nothing says why it is held: let it go on",
           "vozex instance resume {id} --reason WHY"},
    Advice{"nothing_to_wait_for",
           "this enters its state again, with its timers and calls; name another state where that "
           "leads nowhere, or cancel it",
           k_again},
    Advice{
        "parked_lost", "the event is gone: its sender has to send it again under another id", ""},
    Advice{"parked_unreachable", "no key leads to the event", ""},
    Advice{"parked_unclaimed", "start a server: it delivers events whose key is held", k_serve},
    Advice{"outbox_stuck", "start a server: it takes over what dead ones left", k_serve}};

std::string filled(std::string_view pattern, const Finding& finding, const About& about) {
  std::string text(pattern);
  const auto fill = [&text](std::string_view place, const std::string& value) {
    for (std::size_t at = text.find(place); at != std::string::npos; at = text.find(place, at))
      text.replace(at, place.size(), value);
  };
  fill("{id}", finding.instance.text());
  fill("{state}", about.state.empty() ? "STATE" : about.state);
  fill("{call}", about.call);
  return text;
}

std::string repair_command(const Finding& finding) {
  std::string command = "vozex doctor --repair --code " + finding.code;
  if (!finding.instance.is_nil()) command += " --instance " + finding.instance.text();
  return command + " --actor WHO --reason WHY";
}

}  // namespace

void advise(Finding& finding, const About& about) {
  for (const Advice& advice : k_advice) {
    if (advice.code != finding.code) continue;
    finding.advice = advice.text;
    finding.command = filled(advice.command, finding, about);
  }
  if (finding.treatment == nullptr) return;
  if (finding.command.empty()) {
    finding.advice += ": --repair " + finding.treatment->does;
  } else {
    finding.advice = "--repair " + finding.treatment->does;
  }
  finding.command = repair_command(finding);
}

std::vector<std::string_view> finding_codes() {
  std::vector<std::string_view> codes;
  codes.reserve(k_advice.size());
  for (const Advice& advice : k_advice) codes.push_back(advice.code);
  return codes;
}

}  // namespace vozex::runtime
