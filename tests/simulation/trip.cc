// SPDX-License-Identifier: Apache-2.0
//
// Trips that are booked in three calls and then undone, newest first.
#include <algorithm>
#include <charconv>
#include <map>

#include "tests/simulation/bank_file.h"
#include "tests/simulation/kinds_of.h"

namespace vozex::simulation {
namespace {

using simulated::Tables;
using types::Value;

const char* const k_trip = R"(
vozex: 1
workflow: trip
version: 1
key: input.name
input: {name: string}
output: {}
policies: {firm: {attempts: 40, backoff: 1s, factor: 2, max: 10s, jitter: 0.2}}
initial: flight
states:
  flight:
    invoke:
      call: bank.stamp
      with: {order: "${input.name}"}
      retry: firm
      compensate: {call: bank.refund, with: {reference: "${result.reference}"}}
      on_done: hotel
  hotel:
    invoke:
      call: bank.stamp
      with: {order: "${input.name}"}
      retry: firm
      compensate: {call: bank.refund, with: {reference: "${result.reference}"}}
      on_done: car
  car:
    invoke:
      call: bank.stamp
      with: {order: "${input.name}"}
      retry: firm
      compensate: {call: bank.refund, with: {reference: "${result.reference}"}}
      on_done: cancelling
  cancelling: {invoke: {compensate: all, on_done: home}}
  home: {type: final, output: {}}
)";

constexpr int k_trips = 5;
constexpr std::size_t k_bookings = 3;
constexpr Duration k_booking{std::chrono::minutes{4}};

class Trip final : public Kind {
 public:
  std::vector<std::string> files() const override { return {k_bank_file, k_trip}; }

  void plan(World& world, Clients& clients) override {
    for (int i = 0; i < k_trips; ++i) {
      const std::string name = "trip-" + std::to_string(i);
      clients.send(world.dice.between(Duration{0}, k_booking),
                   {"start-" + name, "", "trip", Value::object({{"name", Value::string(name)}})});
    }
  }

  void judge(const World& world,
             const Clients& /*clients*/,
             const Tables& /*tables*/,
             std::vector<std::string>& violations) const override {
    std::map<std::string, std::vector<int>> undone;  // by instance: seq of the calls, as undone
    for (const std::string& key : world.outside.undone()) {
      const std::size_t slash = key.find('/');
      int seq = 0;
      std::from_chars(key.data() + slash + 1, key.data() + key.size(), seq);
      undone[key.substr(0, slash)].push_back(seq);
    }
    if (undone.size() != k_trips) {
      violations.push_back("undo: " + std::to_string(undone.size()) + " trips were undone");
    }
    for (const auto& [instance, calls] : undone) {
      if (calls.size() != k_bookings || !std::is_sorted(calls.rbegin(), calls.rend())) {
        violations.push_back("undo: the bookings of " + instance + " were not undone newest first");
      }
    }
  }
};

}  // namespace

std::unique_ptr<Kind> make_trip() { return std::make_unique<Trip>(); }

}  // namespace vozex::simulation
