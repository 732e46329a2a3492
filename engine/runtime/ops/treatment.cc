// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/ops/treatment.h"

#include <algorithm>
#include <utility>

#include "engine/machine/codec.h"
#include "engine/machine/stored_json.h"
#include "engine/runtime/batch/correlation.h"
#include "engine/runtime/batch/inbox.h"
#include "engine/runtime/items/messages.h"
#include "engine/runtime/items/rows.h"
#include "engine/runtime/ops/taken.h"
#include "engine/types/json.h"

namespace vozex::runtime {
namespace {

using types::Value;

// Behind all messages that a step itself numbers.
constexpr std::uint16_t k_repair_index = 0xFFFF;

Value text(std::string value) { return Value::string(std::move(value)); }
// Under --repair no session exists yet; a living one takes over what belongs to none.
SessionId nobody(const Bytes16& seed) { return SessionId{digest128({"doctor", uuid_text(seed)})}; }

// Its row as it stands, with the columns that the snapshot knows.
ports::InstanceWrite unchanged(const Patient& patient) {
  ports::InstanceWrite write;
  write.old = patient.row.etag;
  write.row = patient.row;
  write.row.state = machine::state_text(*patient.machine, patient.snapshot);
  write.row.timer_at = machine::next_due(patient.snapshot);
  write.row.incident = !patient.snapshot.incidents.empty();
  write.data_changed = false;
  return write;
}

TreatmentRef made(Treatment treatment) {
  return std::make_shared<const Treatment>(std::move(treatment));
}

bool replies(const std::vector<machine::Block>& blocks) {
  const auto is_reply = [](const machine::Action& action) {
    return action.kind == machine::ActionKind::reply;
  };
  return std::any_of(blocks.begin(), blocks.end(), [&](const machine::Block& block) {
    return std::any_of(block.begin(), block.end(), is_reply);
  });
}

// Whether an instance of it may answer before its end.
bool answers_early(const machine::Machine& machine) {
  std::vector<machine::Block> blocks;
  blocks.reserve(machine.transitions.size());
  for (const machine::Transition& transition : machine.transitions)
    blocks.push_back(transition.actions);
  for (const machine::State& state : machine.states) {
    blocks.insert(blocks.end(), state.on_entry.begin(), state.on_entry.end());
    blocks.insert(blocks.end(), state.on_exit.begin(), state.on_exit.end());
  }
  return replies(blocks);
}

ports::MarkWrite answer(const MarkId& mark, machine::Disposition disposition, std::string answer) {
  ports::MarkWrite write;
  write.mark = mark;
  write.disposition = disposition;
  write.answer = std::move(answer);
  write.resolve = true;
  return write;
}

}  // namespace

TreatmentRef rewrite(const Patient& patient, const std::vector<ports::TaskRow>& inbox) {
  ports::InstanceWrite write = unchanged(patient);
  write.tasks = task_rows(*patient.machine, patient.snapshot, patient.row.shard);
  write.tasks_changed = true;
  Treatment treatment;
  treatment.does = "writes its columns and its tasks in the inbox anew from its snapshot";
  treatment.tenant = patient.row.tenant;
  treatment.target = patient.row.id.text();
  treatment.before = Value::object({{"state", text(patient.row.state)},
                                    {"timer_at", time_value(patient.row.timer_at)},
                                    {"incident", Value::boolean(patient.row.incident)},
                                    {"tasks", outlines(inbox)}});
  if (!inbox.empty()) treatment.taken = Value::object({{"tasks", wholes(inbox)}});
  ports::Group group;
  group.instances.push_back(std::move(write));
  treatment.act = std::move(group);
  return made(std::move(treatment));
}

TreatmentRef bind(const Patient& patient, const ports::BindingKey& key) {
  Treatment treatment;
  treatment.does = "binds " + key.slot + " " + key.key + " to it again, as its snapshot says";
  treatment.tenant = patient.row.tenant;
  treatment.target = patient.row.id.text();
  treatment.before = Value::object({{"unbound", text(key.slot + " " + key.key)}});
  ports::BindingWrite write;
  const bool is_alias = key.slot.find('#') != std::string::npos;
  write.op = is_alias ? ports::BindingOp::add_alias : ports::BindingOp::take_key;
  write.binding = key;
  write.instance = {patient.row.shard, patient.row.id};
  write.reusable = patient.machine->key_reusable;
  ports::Group group;
  group.instances.push_back(unchanged(patient));
  group.bindings.push_back(std::move(write));
  treatment.act = std::move(group);
  return made(std::move(treatment));
}

TreatmentRef answer_parent(const Patient& parent,
                           const machine::Machine& child,
                           const ports::InstanceRow& row) {
  machine::Snapshot ended;
  read_columns(row, ended);
  const auto decoded = machine::decode(child, {row.input, row.data, row.rt}, ended);
  if (!decoded || !ended.parent || ended.parent->instance != parent.row.id || answers_early(child))
    return nullptr;
  machine::Event event;
  event.id = std::to_string(ended.seq) + "/reply";
  event.source = "instance:" + ended.id.text();
  event.name = "child";
  event.time = ended.at;
  event.tenant = ended.tenant;
  event.cause = machine::ChildEnded{ended.parent->of,
                                    ended.id,
                                    ended.life == machine::Life::completed,
                                    true,
                                    ended.output,
                                    ended.error};
  ports::OutboxRow message;
  message.shard = row.shard;
  message.from = row.id;
  message.seq = row.seq;
  message.index = k_repair_index;
  message.owner = nobody(row.id.bytes);
  message.event = outbox_text(DeliverOrder{parent.row.id, parent.row.shard, std::move(event)});
  Treatment treatment;
  treatment.does = "sends the answer of " + row.id.text() + " again, as its row has it";
  treatment.tenant = parent.row.tenant;
  treatment.target = parent.row.id.text();
  treatment.before = Value::object({{"child", text(row.id.text())}});
  ports::Group group;
  group.instances.push_back(unchanged(parent));
  group.outbox.push_back(std::move(message));
  treatment.act = std::move(group);
  return made(std::move(treatment));
}

TreatmentRef end_calls(const std::vector<ports::CallRow>& calls) {
  if (calls.empty()) return nullptr;
  Treatment treatment;
  treatment.does = "takes the row away, into your file";
  treatment.tenant = calls.front().tenant;
  treatment.target = calls.front().id.instance.text();
  treatment.before = Value::object({{"calls", outlines(calls)}});
  treatment.taken = Value::object({{"calls", wholes(calls)}});
  ports::Group group;
  for (const ports::CallRow& call : calls) {
    ports::CallWrite write;
    write.op = ports::CallOp::end;
    write.row = call;
    write.expect_owner = call.owner;
    write.expect_attempt = call.attempt;
    group.calls.push_back(std::move(write));
  }
  treatment.act = std::move(group);
  return made(std::move(treatment));
}

TreatmentRef drop_tasks(const ports::InstanceKey& gone, const std::vector<ports::TaskRow>& tasks) {
  if (tasks.empty()) return nullptr;
  Treatment treatment;
  treatment.does = "takes the row out of the inbox, into your file";
  treatment.tenant = tasks.front().tenant;
  treatment.target = gone.id.text();
  treatment.before = Value::object({{"tasks", outlines(tasks)}});
  treatment.taken = Value::object({{"tasks", wholes(tasks)}});
  treatment.act = DropTasks{gone};
  return made(std::move(treatment));
}

TreatmentRef give_back(const ports::Damage& damage, const ports::InstanceRecord& record) {
  if (record.live) return nullptr;
  Treatment treatment;
  treatment.does = record.finished ? "says in the binding that its holder has ended"
                                   : "takes the binding away; the audit log keeps it";
  treatment.tenant = damage.binding.tenant;
  treatment.target = damage.instance.text();
  treatment.before = Value::object({{"slot", text(damage.binding.slot)},
                                    {"key", text(damage.binding.key)},
                                    {"holder", text(damage.instance.text())},
                                    {"ended", Value::boolean(false)}});
  ports::BindingWrite write;
  write.op = record.finished ? ports::BindingOp::end : ports::BindingOp::release;
  write.binding = damage.binding;
  write.instance = {damage.shard, damage.instance};
  ports::Group group;
  group.bindings.push_back(std::move(write));
  treatment.act = std::move(group);
  return made(std::move(treatment));
}

TreatmentRef recount(const ports::Damage& damage) {
  Treatment treatment;
  treatment.does = "counts its holders and the events that wait on it anew";
  treatment.tenant = damage.binding.tenant;
  treatment.target = damage.binding.slot + " " + damage.binding.key;
  treatment.before = Value::object({{"counts", text(damage.what)}});
  treatment.act = Recount{damage.binding};
  return made(std::move(treatment));
}

TreatmentRef show_timer(const ports::InstanceRecord& record) {
  if (!record.live) return nullptr;
  Treatment treatment;
  treatment.does = "writes its row as it stands, so that its timer is found";
  treatment.tenant = record.live->tenant;
  treatment.target = record.live->id.text();
  treatment.before = Value::object({{"timer_at", time_value(record.live->timer_at)}});
  ports::InstanceWrite write;
  write.old = record.live->etag;
  write.row = *record.live;
  write.data_changed = false;
  ports::Group group;
  group.instances.push_back(std::move(write));
  treatment.act = std::move(group);
  return made(std::move(treatment));
}

TreatmentRef keep_later(const ports::InstanceRecord& record) {
  if (!record.live || !record.finished || !record.last) return nullptr;
  const auto entry = machine::parse_stored(record.last->entry);
  if (!entry) return nullptr;
  const std::string_view life = entry->text_at("life");
  const bool ended = life == "completed" || life == "failed" || life == "cancelled";
  // The row that stays is the one that the last entry speaks of; a finished one may have recorded
  // late results since it ended, so that its entries are the later ones.
  const bool keeps_finished =
      record.finished->seq == record.last->seq && (ended || record.live->seq < record.last->seq);
  const bool keeps_live = record.live->seq == record.last->seq && !ended;
  if (keeps_finished == keeps_live) return nullptr;
  const ports::InstanceRow& goes = keeps_live ? *record.finished : *record.live;
  Treatment treatment;
  treatment.does = std::string("keeps the ") + (keeps_live ? "unfinished" : "finished") +
                   " row, the later one by its history, and takes the other away, into your file";
  treatment.tenant = goes.tenant;
  treatment.target = goes.id.text();
  treatment.before = Value::object({{"row", outline(goes)}});
  treatment.taken = Value::object({{"row", whole(goes)}});
  treatment.act = DropRow{{goes.shard, goes.id},
                          keeps_live ? ports::Table::finished : ports::Table::instances,
                          goes.etag};
  return made(std::move(treatment));
}

TreatmentRef give_up_event(const ports::Damage& damage) {
  Treatment treatment;
  treatment.does = "gives it up: its mark no longer says that it waits";
  treatment.tenant = "default";
  treatment.target = "mark " + damage.mark.text();
  treatment.before = Value::object({{"disposition", text("waiting")}});
  ports::Group group;
  group.marks.push_back(answer(damage.mark, machine::Disposition::rejected, k_lost_answer));
  treatment.act = std::move(group);
  return made(std::move(treatment));
}

TreatmentRef send_on(const ports::Damage& damage, const Definitions& definitions, Timestamp now) {
  Treatment treatment;
  treatment.tenant = "default";
  treatment.target = "mark " + damage.mark.text();
  treatment.before = Value::object({{"disposition", text("waiting")}});
  ports::Group group;
  group.unparks.push_back(damage.mark);
  const auto stored = machine::parse_stored(damage.event);
  auto event = stored ? machine::decode_event(*stored) : Failure(stored.error());
  if (!event) {
    treatment.does = "gives it up, because it can't be read, and puts it into your file";
    treatment.taken = Value::object({{"event", text(damage.event)}});
    group.marks.push_back(answer(damage.mark, machine::Disposition::rejected, k_corrupt_answer));
    treatment.act = std::move(group);
    return made(std::move(treatment));
  }
  treatment.does = "sends it through correlation anew";
  treatment.tenant = event->tenant;
  const EventAnswer waits{event->id, machine::Disposition::waiting, {}, 0};
  group.marks.push_back(answer(damage.mark, machine::Disposition::queued, answer_text(waits, "")));
  const InstanceId on{digest128({"doctor", damage.mark.text()})};
  if (definitions.knows_event(event->name)) {
    ports::OutboxRow message;
    message.shard = shard_of(on);
    message.from = on;
    message.seq = 1;
    message.owner = nobody(damage.mark.bytes);
    message.event = outbox_text(FindOrder{*std::move(event)});
    group.outbox.push_back(std::move(message));
  } else {
    // It waits for its declaration, as another row.
    ports::MarkWrite fresh;
    fresh.mark = MarkId{on.bytes};
    fresh.disposition = machine::Disposition::waiting;
    group.marks.push_back(std::move(fresh));
    group.parks.push_back({MarkId{on.bytes},
                           {binding_of_unknown(event->tenant, event->name)},
                           damage.event,
                           now + k_kept_by_repair});
  }
  treatment.act = std::move(group);
  return made(std::move(treatment));
}

}  // namespace vozex::runtime
