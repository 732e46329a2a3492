// SPDX-License-Identifier: Apache-2.0
//
// A shop whose orders are charged (never repeated, asked about), paid by an event, delivered by a
// child, booked in one hot ledger by an emitted event, and reached by campaigns through a shared
// alias; and a round that a schedule starts every three minutes.
#include <map>

#include "engine/types/json.h"
#include "tests/simulation/bank_file.h"
#include "tests/simulation/kinds_of.h"

namespace vozex::simulation {
namespace {

using simulated::Tables;
using types::Value;

const char* const k_shop = R"(
vozex: 1
workflow: shop
version: 1
key: input.order
input: {order: string, campaign: string}
output: {reference: optional<string>}
data: {reference: optional<string>, payments: {type: int, default: 0}, notices: {type: int, default: 0}}
aliases: {campaign: input.campaign, reference: data.reference}
events:
  shop.paid: {data: {order: string, amount: int}, match: event.data.order}
  campaign.ended: {data: {campaign: string}, match: {campaign: event.data.campaign}}
  ledger.add: {data: {ledger: string, amount: int}}
  shop.cancel: {data: {order: string}, match: event.data.order}
warnings: {VZ0606: this is about counting}
on:
  campaign.ended: {set: {notices: "${data.notices + 1}"}}
  shop.paid: {set: {payments: "${data.payments + 1}"}}
initial: live
states:
  live:
    initial: charging
    on: {shop.cancel: closing}
    states:
      charging:
        on: {shop.paid: {defer: true}}
        invoke:
          call: bank.charge
          with: {order: "${input.order}"}
          timeout: 5s
          retry: {attempts: 8, backoff: 1s, factor: 2, max: 20s, jitter: 0.2}
          compensate: {call: bank.refund, with: {reference: "${result.reference}"}}
          on_done: {target: waiting, set: {reference: "${result.reference}"}}
          on_error:
            - {when: error.code == 'declined', target: refused}
      waiting:
        on:
          shop.paid: {target: packing, set: {payments: "${data.payments + 1}"}}
      packing:
        invoke:
          workflow: parcel
          input: {order: "${input.order}"}
          on_done: shipped
          on_error: closing
  shipped:
    on_entry: [{emit: {event: ledger.add, data: {ledger: main, amount: 1}}}]
    after: {10m: done}
  closing: {invoke: {compensate: all, on_done: cancelled}}
  cancelled: {type: final, outcome: cancelled}
  refused: {type: final, outcome: failed, error: {code: refused}}
  done: {type: final, output: {reference: "${data.reference}"}}
)";

const char* const k_parcel = R"(
vozex: 1
workflow: parcel
version: 1
key: "'parcel-' + input.order"
input: {order: string}
output: {order: string}
data: {looks: {type: int, default: 0}}
initial: looking
states:
  looking:
    invoke:
      call: bank.look
      with: {order: "${input.order}"}
      timeout: 2s
      retry: {attempts: 3, backoff: 1s, factor: 2, max: 10s, jitter: 0.2}
      on_done: {target: stamping, set: {looks: "${data.looks + 1}"}}
  stamping:
    invoke:
      call: bank.stamp
      with: {order: "${input.order}"}
      timeout: 2s
      retry: {attempts: 30, backoff: 1s, factor: 2, max: 10s, jitter: 0.2}
      on_done: packed
    after: {20m: {target: packed}}
  packed: {after: {2m: sent}}
  sent:
    on_entry: [{reply: {order: "${input.order}"}}]
    after: {5m: arrived}
  arrived: {type: final, output: {order: "${input.order}"}}
)";

const char* const k_ledger = R"(
vozex: 1
workflow: ledger
version: 1
key: input.ledger
input: {ledger: string}
output: {total: int}
data: {total: {type: int, default: 0}}
events:
  ledger.add: {data: {ledger: string, amount: int}, match: event.data.ledger}
initial: open
states:
  open:
    on: {ledger.add: {set: {total: "${data.total + event.data.amount}"}}}
    actions:
      close: {title: Close, target: closed}
  closed: {type: final, output: {total: "${data.total}"}}
)";

// Without a key: two starts of one moment would be two instances.
const char* const k_round = R"(
vozex: 1
workflow: round
version: 1
input: {at: timestamp}
start:
  schedule: {cron: "1-59/3 * * * *", input: {at: "${now}"}}
states:
  open: {after: {1m: done}}
  done: {type: final}
)";

constexpr Duration k_selling{std::chrono::minutes{4}};
constexpr Duration k_round_every{std::chrono::minutes{3}};
constexpr int k_campaigns = 4;
constexpr int k_campaign_names = 3;

std::string order_name(int index) { return "order-" + std::to_string(index); }
Value text(const std::string& value) { return Value::string(value); }

class Shop final : public Kind {
 public:
  std::vector<std::string> files() const override {
    return {k_bank_file, k_shop, k_parcel, k_ledger, k_round};
  }

  void plan(World& world, Clients& clients) override {
    Dice& dice = world.dice;
    orders_ = 4 + static_cast<int>(dice.below(11));
    clients.send(Duration{0},
                 {"start-ledger", "", "ledger", Value::object({{"ledger", text("main")}})});
    for (int i = 0; i < orders_; ++i) plan_order(dice, clients, i);
    for (int i = 0; i < k_campaigns; ++i) {
      const std::string campaign = "campaign-" + std::to_string(i % k_campaign_names);
      clients.send_sometime(k_selling,
                            {"campaign-ended-" + std::to_string(i),
                             "campaign.ended",
                             "",
                             Value::object({{"campaign", text(campaign)}})});
    }
  }

  bool stays_open(const ports::InstanceRow& row) const override {
    return row.workflow == "ledger" || row.workflow == "round";
  }

  bool may_be_refused(const std::string& id, const Error& error) const override {
    return (id.starts_with("start-") || id.starts_with("rival-")) && error.code == "key_taken";
  }

  void judge(const World& world,
             const Clients& clients,
             const Tables& tables,
             std::vector<std::string>& violations) const override;

 private:
  void plan_order(Dice& dice, Clients& clients, int index) {
    const std::string name = order_name(index);
    const Value order = Value::object({{"order", text(name)}});
    const Value input =
        Value::object({{"order", text(name)},
                       {"campaign", text("campaign-" + std::to_string(index % k_campaign_names))}});
    clients.send(dice.between(Duration{0}, k_selling), {"start-" + name, "", "shop", input});
    // Somebody else orders under the same name: one of the two gets it.
    if (dice.chance(0.2)) clients.send_sometime(k_selling, {"rival-" + name, "", "shop", input});
    clients.send_sometime(k_selling,
                          {"paid-" + name,
                           "shop.paid",
                           "",
                           Value::object({{"order", text(name)}, {"amount", Value::integer(5)}})});
    if (dice.chance(0.3))
      clients.send_sometime(k_selling, {"cancel-" + name, "shop.cancel", "", order});
  }

  int orders_ = 0;
};

class Judge {
 public:
  Judge(const World& world,
        const Clients& clients,
        const Tables& tables,
        std::vector<std::string>& found)
      : world_(world), clients_(clients), tables_(tables), found_(found) {}

  void look(int orders) {
    charges_happen_once();
    orders_have_ended_as_they_should(orders);
    moments_start_once();
  }

 private:
  void say(std::string text) { found_.push_back(std::move(text)); }

  void charges_happen_once() {
    for (const auto& [key, done] : world_.outside.charges()) {
      if (done.charges > 1)
        say("money: " + key + " charged " + std::to_string(done.charges) + " times");
    }
  }

  void orders_have_ended_as_they_should(int orders) {
    std::map<std::string, std::vector<const ports::InstanceRow*>> shops;
    for (const auto& [key, row] : tables_.finished) {
      if (row.workflow == "shop") shops[row.key].push_back(&row);
    }
    std::int64_t shipped = 0;
    for (int i = 0; i < orders; ++i) {
      const auto& rows = shops[order_name(i)];
      if (rows.size() == 1) {
        shipped += ended_well(order_name(i), *rows.front());
      } else {
        say("key: " + order_name(i) + " has " + std::to_string(rows.size()) +
            " finished instances");
      }
    }
    for (const auto& [key, row] : tables_.live) {
      if (row.workflow != "ledger") continue;
      const auto total = types::parse_json(row.data)->find("total")->as_integer();
      if (total != shipped) {
        say("message: the ledger has " + std::to_string(total) + " of " + std::to_string(shipped));
      }
    }
  }

  // 1 when it was shipped.
  int ended_well(const std::string& name, const ports::InstanceRow& row) {
    const bool cancelled =
        row.state == "cancelled" && clients_.accepted().contains("cancel-" + name);
    const std::string wanted = cancelled                 ? "cancelled"
                               : Outside::declines(name) ? "refused"
                                                         : "done";
    if (row.state != wanted) say("state: " + name + " ended in " + row.state + ", not " + wanted);
    const auto money = world_.outside.charges().find(row.id.text() + "/1/0");
    const int charged = money == world_.outside.charges().end() ? 0 : money->second.charges;
    const int refunded = money == world_.outside.charges().end() ? 0 : money->second.refunds;
    if (wanted == "done" ? charged != 1 || refunded != 0 : charged != refunded) {
      say("money: " + name + " " + wanted + ": charged " + std::to_string(charged) + ", refunded " +
          std::to_string(refunded));
    }
    if (wanted != "done") return 0;
    const auto data = types::parse_json(row.data);
    if (data->find("payments")->as_integer() != 1) say("once: " + name + " was paid: " + row.data);
    return 1;
  }

  // Whatever goes wrong, no moment twice; and in the calm none is missed.
  void moments_start_once() {
    std::map<std::string, int> rounds;
    for (const auto* table : {&tables_.live, &tables_.finished}) {
      for (const auto& [key, row] : *table) {
        if (row.workflow == "round")
          ++rounds[std::string(types::parse_json(row.input)->text_at("at"))];
      }
    }
    for (const auto& [at, times] : rounds) {
      if (times != 1)
        say("schedule: the round of " + at + " started " + std::to_string(times) + " times");
    }
    const Timestamp end = world_.agenda.now() - std::chrono::minutes{1};
    Timestamp moment =
        std::chrono::floor<std::chrono::hours>(world_.calm_from) + std::chrono::minutes{1};
    for (; moment < end; moment += k_round_every) {
      if (moment < world_.calm_from + std::chrono::minutes{1}) continue;
      if (!rounds.contains(format_timestamp(moment))) {
        say("schedule: the round of " + format_timestamp(moment) + " was missed");
      }
    }
  }

  const World& world_;
  const Clients& clients_;
  const Tables& tables_;
  std::vector<std::string>& found_;
};

void Shop::judge(const World& world,
                 const Clients& clients,
                 const Tables& tables,
                 std::vector<std::string>& violations) const {
  Judge(world, clients, tables, violations).look(orders_);
}

}  // namespace

std::unique_ptr<Kind> make_shop() { return std::make_unique<Shop>(); }

}  // namespace vozex::simulation
