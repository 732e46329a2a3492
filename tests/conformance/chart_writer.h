// SPDX-License-Identifier: Apache-2.0
//
// One machine of a case as text of our language; those it invokes are written by the same class.
// Its parts stand in scxml_to_yaml.cc (the file and its data), scxml_states.cc,
// scxml_transitions.cc, scxml_invokes.cc, scxml_actions.cc and scxml_control.cc (`if`, `foreach`).
#pragma once

#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/conformance/scxml_expressions.h"
#include "tests/conformance/scxml_to_yaml.h"

namespace vozex::conformance {

// Thrown where our language has no words; the reason becomes the case's line.
struct Obstacle : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// What expressions can't be: a place of its own for `1 / 0`.
inline constexpr const char* k_failing_action = "${string(1 / 0)}";

// Where an expression stands: whether it sees the event itself, the event as data keeps it, or
// none.
enum class Sees { event, kept, nothing };

// The first token of an event that stops at the root before it becomes what it is; of those that
// the machine sends to itself.
inline constexpr const char* k_relay = "relay_.";
inline constexpr const char* k_relay_self = "relay_.self.";

// What a machine is told by its invoker.
struct InvokedAs {
  std::string relay;      // put before the names of events for the invoker; "" when it takes them
  std::string invoke_id;  // carried by what it sends; "" when nobody asks
};

// Variables that the translation adds.
inline constexpr const char* k_done = "done_";        // what the last inner final state ended with
inline constexpr const char* k_event = "event_";      // the name of the last event
inline constexpr const char* k_nothing = "nothing_";  // null

std::string templated(const std::string& expression);
std::string text_or(const Json& object, const char* key, const std::string& fallback = "");
const Json& list_of(const Json& object, const char* key);
std::string name_of(const std::string& id);
// `event` is not visible in on_entry: what is needed of it goes through data.
bool enters_with_event(const Json& states);
bool autoforwards(const Json& states);
// Of a send that wants one made.
std::string generated_id(int number);
// Of the n-th invoke of a state that wants one made.
std::string generated_invoke(const std::string& state, int number);
// Puts an action behind what a written state does on entry.
void append_entry(Json& state, const Json& action);
bool is_about_done(const Json& transition);
bool is_prefix(const std::string& descriptor, const std::string& event);
std::string stem(const std::string& descriptor);
bool covers(const std::string& descriptor, const std::string& key);
bool more_special(const std::string& a, const std::string& b);

class ChartWriter {
 public:
  ChartWriter(const Json& test_case,
              const Json& machine,
              std::string workflow,
              InvokedAs invoked_as,
              TranslatedChart& out)
      : case_(test_case),
        machine_(machine),
        workflow_(std::move(workflow)),
        invoked_as_(std::move(invoked_as)),
        out_(out) {}
  // `given` names the data that the invoker passes in.
  Json write(const std::set<std::string>& given);
  const std::map<std::string, std::string>& paths() const { return names_.paths; }

 private:
  void collect(const Json& states, const std::string& above);
  static void collect_fields(const Json& action, std::set<std::string>& fields);
  static void collect_all_fields(const Json& node, std::set<std::string>& fields);
  void collect_action(const Json& action);
  // Every event that is raised, sent or waited for by name.
  void collect_events(const Json& node);
  void write_input(Json& file, const std::set<std::string>& given);
  void write_data(Json& file, const std::set<std::string>& given);
  std::string write_initial(Json& states);
  bool is_history(const std::string& id) const;
  Json target_paths(const std::vector<std::string>& ids);
  bool is_below(const std::string& id, const std::string& ancestor) const;

  // ---- transitions
  // SCXML: internal counts only for a compound source and targets below it; else it is external.
  Json write_transition(const Json& transition, const std::string& source);
  std::string with_done_data(std::string text);
  // Our keys for one descriptor: names by prefix, and reserved events that our `*` leaves alone.
  void add_keys(const std::string& descriptor, std::set<std::string>& keys);
  // done.state.<id> is done.state.<path> here.
  std::string done_name(const std::string& name) const;
  void write_transitions(const Json& state, const std::string& id, Json& out);

  // ---- states
  void write_children(const Json& states, Json& out);
  Json write_state(const Json& state);
  void write_default(const Json& state, const std::string& kind, Json& out, Json& children);
  Json write_history(const Json& state, Json& siblings);
  void write_handlers(const Json& state, const char* from, const char* to, Sees sees, Json& out);
  // A final state inside another has no output here: data says what it ended with.
  void write_donedata(const Json& state, Json& out);
  bool is_top(const Json& state) const;
  void add_scratch(const std::string& name);

  // ---- invokes
  void write_invokes(const Json& state, Json& out);
  Json write_invoke(const Json& state, const Json& invoke, int position, Json& out);
  // Writes the machine as a file of its own; gives the name of its workflow.
  std::string write_child(const std::string& state_path,
                          const Json& invoke,
                          const Json& inner,
                          const std::string& id,
                          Json& input);
  // The name of the workflow that `srcexpr` computes, among all machines of the case.
  void write_computed_source(const std::string& path,
                             const Json& invoke,
                             const std::string& id,
                             Json& input,
                             Json& result);
  void write_late_data(const Json& state, Json& out);
  void write_input_of(const Json& invoke,
                      const Json& inner,
                      std::set<std::string>& given,
                      Json& input) const;
  bool has_relayed_child(const Json& states) const;
  bool wants_relay(const Json& invoke, const Json& inner) const;
  void write_relays(const std::string& state_path,
                    const Json& invoke,
                    const Json& inner,
                    const std::string& prefix,
                    const ChartWriter& child);
  const Json& inner_machine(const Json& invoke) const;

  // ---- actions
  Json write_block(const Json& actions, Sees sees);
  std::string expression(const Json& action, const char* key, Sees sees);
  // `condition` is the scratch variable of the `if` around it; "" without.
  void write_action(const Json& action, Sees sees, const std::string& condition, Json& out);
  void write_any_send(const Json& action, Sees sees, const std::string& condition, Json& out);
  static void refuse_event_fields(const std::string& text);
  // Adds a condition to an action that may have one.
  static Json guarded(Json action, const std::string& condition);
  std::string location(const Json& action);
  std::string log_text(const Json& action, Sees sees);
  std::string equals(const Json& action, const char* key, Sees sees, const std::string& text);
  // A name is never computed: one send for each it can be.
  void write_computed_send(const Json& action, Sees sees, const std::string& condition, Json& out);
  // A target or type that is computed: one send for each that the machine knows.
  void write_send_somewhere(
      const Json& action, const char* key, Sees sees, const std::string& condition, Json& out);
  Json send_data(const Json& action, Sees sees);
  Json write_send(const Json& action, Sees sees);
  // Only events to itself can be delayed: it comes back and goes on from the root.
  Json forward_to_parent(Json send);
  void write_root(Json& file);
  // What a relayed event does at the root: `finalize`, the event itself as an internal one, copies
  // for the children that want all.
  Json relay_actions(const std::string& event, const Json& finalize);
  Json data_of(const std::string& event) const;
  Json finalize_actions(const Json& invoke);
  std::string relayed_name(const std::string& prefix, const std::string& event);

  // ---- if and foreach
  std::string new_scratch();
  // The condition is kept in a variable of its own, since the branch may change what it rests on.
  void write_if(const Json& action, Sees sees, const std::string& outer, Json& out);
  // One `set` per item: the body's assignments become expressions over what was there before.
  void write_foreach(const Json& action, Sees sees, const std::string& condition, Json& out);
  void write_folded(const Json& action, const std::string& condition, Json& out);
  void write_unrolled(const Json& action, Sees sees, const std::string& condition, Json& out);
  void declare(const std::string& name);
  void fold(const Json& action,
            const std::string& condition,
            std::map<std::string, std::string>& values);
  void write_events(Json& file);
  const Json& case_;
  const Json& machine_;
  const std::string workflow_;
  const InvokedAs invoked_as_;
  TranslatedChart& out_;
  Names names_;
  Json data_ = Json::object();
  std::map<std::string, const Json*> states_;
  std::map<std::string, std::string> parents_;
  std::vector<Json> late_;
  std::set<std::string> events_;
  std::map<std::string, std::set<std::string>> fields_;  // of event data
  std::set<std::string> scratch_;
  std::set<std::string> sent_to_parent_;
  std::set<std::string> send_ids_;
  // Data whose start value fails or sees other data, in order: id and expression.
  std::vector<std::pair<std::string, std::string>> computed_;
  bool keeps_event_ = false;
  int generated_ = 0;
  int idlocations_ = 0;
  std::set<std::string> forwarded_;
  int children_ = 0;
  std::set<std::string> members_;  // of event data that expressions ask for
  bool autoforwards_ = false;
  bool uses_relays_ = false;
  // A child that gets a copy of each external event: its id and the path of its state.
  std::map<std::string, std::string> followers_;
  // Handlers at the root for relayed events: their name, and the transitions.
  std::map<std::string, Json> relays_;
  std::set<std::string> relayed_self_;
  std::set<std::string> outputs_;  // members of what final states at the top level end with
};

}  // namespace vozex::conformance
