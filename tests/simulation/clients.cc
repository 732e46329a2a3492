// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/clients.h"

#include <utility>

namespace vozex::simulation {
namespace {

using runtime::Item;

constexpr Duration k_patience{std::chrono::seconds{30}};
constexpr Duration k_operator_looks{std::chrono::seconds{20}};
constexpr Duration k_network{std::chrono::milliseconds{50}};
constexpr std::size_t k_dead_at_once = 100;

}  // namespace

struct Clients::Sending {
  Message message;
  bool answered = false;
};

void Clients::send(Duration delay, Message message) {
  auto sending = std::make_shared<Sending>();
  sending->message = std::move(message);
  ++open_;
  world_.agenda.in(delay, [this, sending] { attempt(sending); });
}

void Clients::send_sometime(Duration span, const Message& message) {
  do {
    send(world_.dice.between(Duration{0}, span), message);
  } while (world_.dice.chance(world_.faults.duplicate));
}

Process* Clients::any_process() {
  std::vector<Process*> alive;
  for (const auto& process : processes_) {
    if (process->is_alive()) alive.push_back(process.get());
  }
  return alive.empty() ? nullptr : alive[world_.dice.below(alive.size())];
}

machine::Event Clients::event_of(const Message& message) {
  machine::Event& event = world_.sent[{message.source, message.id}];
  if (!event.id.empty()) return event;
  event.id = message.id;
  event.source = message.source;
  event.name = message.event;
  event.tenant = "default";
  event.time = world_.agenda.now();
  event.data = message.data;
  if (message.cause) event.cause = *message.cause;
  return event;
}

// Nothing when its instance can't be found.
std::optional<Item> Clients::item_of(const Message& message) {
  Item item;
  item.mark = mark_of("default", message.source, message.id);
  if (message.event.empty()) {
    const InstanceId id = world_.dice.new_instance_id(world_.agenda.now());
    item.order = runtime::NewOrder{id, id, std::nullopt, "default", message.workflow, message.data};
    return item;
  }
  if (!message.cause) {
    item.order = runtime::FindOrder{event_of(message)};
    return item;
  }
  ports::InstanceFilter filter;
  filter.tenant = "default";
  filter.workflow = message.workflow;
  filter.key = message.key;
  const auto rows = world_.database.queries().instances(filter, 1);
  if (rows->empty()) return std::nullopt;
  const ports::InstanceRow& row = rows->front();
  item.order = runtime::DeliverOrder{row.id, row.shard, event_of(message), true};
  return item;
}

// Without an answer in time, again, and so does who is told that nothing was done. Any other error
// counts as an answer.
void Clients::attempt(const std::shared_ptr<Sending>& sending) {
  if (sending->answered) return;
  Process* process = any_process();
  auto item = process != nullptr ? item_of(sending->message) : std::nullopt;
  if (item) {
    item->done = [this, sending](const Result<runtime::EventAnswer>& answer) {
      answered(sending, answer);
    };
    auto shared = std::make_shared<Item>(std::move(*item));
    world_.agenda.in(world_.dice.between(Duration{0}, k_network), [process, shared] {
      if (process->is_alive()) process->offer(std::move(*shared));
    });
  }
  world_.agenda.in(k_patience, [this, sending] { attempt(sending); });
}

void Clients::answered(const std::shared_ptr<Sending>& sending,
                       const Result<runtime::EventAnswer>& answer) {
  const Message& message = sending->message;
  if (!answer && answer.error().kind == ErrorClass::unavailable) return;
  if (world_.tracing) {
    world_.note("client",
                "is answered: " + message.id + ": " +
                    (answer ? machine::to_string(answer->disposition) : answer.error().code));
  }
  if (!std::exchange(sending->answered, true)) {
    --open_;
    if (message.then) message.then();
  }
  if (!answer) {
    refused_.emplace(message.id, answer.error());
    return;
  }
  Accepted& accepted = accepted_[message.id];
  if (accepted.answers++ == 0) accepted.answer = *answer;
}

void Clients::operate() {
  world_.agenda.in(k_operator_looks, [this] { operate(); });
  Process* process = any_process();
  if (process == nullptr) return;
  const auto dead =
      world_.database.queries().calls({ports::CallState::dead, {}, {}, {}}, k_dead_at_once);
  for (const ports::CallRow& row : *dead) {
    world_.note("operator", "sends call " + row.id.text() + " again");
    Item item;
    item.order = runtime::RetryOrder{row, {"operator", {}}, ""};
    item.done = [](const Result<runtime::EventAnswer>&) {};
    process->offer(std::move(item));
  }
}

}  // namespace vozex::simulation
