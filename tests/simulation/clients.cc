// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/clients.h"

#include <utility>

#include "engine/runtime/routing.h"

namespace vozex::simulation {
namespace {

using runtime::Item;
using types::Value;

constexpr Duration k_client_patience{std::chrono::seconds{30}};
constexpr Duration k_operator_looks{std::chrono::seconds{20}};

}  // namespace

void Clients::plan(int orders, int campaigns, Duration within) {
  orders_ = orders;
  const auto at = [&](std::shared_ptr<Message> message) {
    world_.agenda.in(world_.dice.between(Duration{0}, within),
                     [this, message] { send(message, 0); });
  };
  at(std::make_shared<Message>(
      Message{"start-ledger", "", "ledger", Value::object({{"ledger", Value::string("main")}})}));
  for (int i = 0; i < orders; ++i) {
    const std::string name = order_name(i);
    const std::string campaign = "campaign-" + std::to_string(i % 3);
    at(std::make_shared<Message>(Message{
        "start-" + name,
        "",
        "shop",
        Value::object({{"order", Value::string(name)}, {"campaign", Value::string(campaign)}})}));
    const auto paid = std::make_shared<Message>(
        Message{"paid-" + name,
                "shop.paid",
                "",
                Value::object({{"order", Value::string(name)}, {"amount", Value::integer(5)}})});
    at(paid);
    while (world_.dice.chance(world_.faults.duplicate)) at(paid);
  }
  for (int i = 0; i < orders; ++i) {
    if (!world_.dice.chance(0.3)) continue;
    const std::string name = order_name(i);
    const auto cancel = std::make_shared<Message>(Message{
        "cancel-" + name, "shop.cancel", "", Value::object({{"order", Value::string(name)}})});
    at(cancel);
    while (world_.dice.chance(world_.faults.duplicate)) at(cancel);
  }
  for (int i = 0; i < campaigns; ++i) {
    const std::string campaign = "campaign-" + std::to_string(i % 3);
    const auto ended =
        std::make_shared<Message>(Message{"campaign-ended-" + std::to_string(i),
                                          "campaign.ended",
                                          "",
                                          Value::object({{"campaign", Value::string(campaign)}})});
    at(ended);
    while (world_.dice.chance(world_.faults.duplicate)) at(ended);
  }
  world_.agenda.in(k_operator_looks, [this] { operate(); });
}

Process* Clients::any_process() {
  std::vector<Process*> alive;
  for (const auto& process : processes_) {
    if (process->is_alive()) alive.push_back(process.get());
  }
  return alive.empty() ? nullptr : alive[world_.dice.below(alive.size())];
}

Item Clients::item_of(const Message& message) {
  Item item;
  item.mark = mark_of("default", "client", message.id);
  if (message.event.empty()) {
    const InstanceId id = world_.dice.new_instance_id(world_.agenda.now());
    item.order = runtime::NewOrder{id, id, std::nullopt, "default", message.workflow, message.data};
    return item;
  }
  machine::Event event;
  event.id = message.id;
  event.source = "client";
  event.name = message.event;
  event.tenant = "default";
  event.time = world_.agenda.now();
  event.data = message.data;
  item.order = runtime::FindOrder{std::move(event)};
  return item;
}

// Sends; without an answer in time, sends again, and so does who is told that nothing was done. Any
// other error counts as an answer.
void Clients::send(const std::shared_ptr<Message>& message, int attempt) {
  auto answered = std::make_shared<bool>(false);
  if (Process* process = any_process()) {
    Item item = item_of(*message);
    item.done = [this, message, answered](Result<runtime::EventAnswer> answer) {
      if (!answer && answer.error().kind == ErrorClass::unavailable) return;
      *answered = true;
      if (!answer) {
        refused_.emplace(message->id, answer.error());
        return;
      }
      Accepted& accepted = accepted_[message->id];
      if (accepted.answers++ == 0) accepted.answer = *answer;
    };
    process->offer(std::move(item));
  }
  world_.agenda.in(k_client_patience, [this, message, answered, attempt] {
    if (!*answered) send(message, attempt + 1);
  });
}

// Sends dead letters again.
void Clients::operate() {
  world_.agenda.in(k_operator_looks, [this] { operate(); });
  Process* process = any_process();
  if (process == nullptr) return;
  const auto dead = world_.store.queries().calls({ports::CallState::dead, {}, {}, {}}, 100);
  for (const ports::CallRow& row : *dead) {
    Item item;
    item.order = runtime::RetryOrder{row, {"operator", {}}, ""};
    item.done = [](const Result<runtime::EventAnswer>&) {};
    process->offer(std::move(item));
  }
}

}  // namespace vozex::simulation
