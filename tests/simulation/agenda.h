// SPDX-License-Identifier: Apache-2.0
//
// The simulation's time, dice and to-do list. Time jumps from one entry of the agenda to the next;
// entries at the same time go in the order in which they were made. Everything random comes from
// one seed.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "engine/ports/clock.h"

namespace vozex::simulation {

class Dice final : public ports::Random {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  // splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
  std::uint64_t next() override {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ull);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }
  InstanceId new_instance_id(Timestamp) override {
    InstanceId id;
    const std::uint64_t words[2] = {next(), next()};
    for (std::size_t i = 0; i < 16; ++i) {
      id.bytes[i] = static_cast<std::uint8_t>(words[i / 8] >> (8 * (i % 8)));
    }
    return id;
  }
  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
  bool chance(double probability) {
    return static_cast<double>(next() >> 11) * 0x1.0p-53 < probability;
  }
  Duration between(Duration least, Duration most) {
    return least + Duration{static_cast<std::int64_t>(
                       below(static_cast<std::uint64_t>((most - least).count()) + 1))};
  }

 private:
  std::uint64_t state_;
};

class Agenda {
 public:
  Timestamp now() const { return now_; }
  // Since the simulation began; never goes back: the boot clock of every process.
  Duration elapsed() const { return now_ - k_begin; }

  void at(Timestamp when, std::function<void()> act) {
    entries_.emplace(std::pair{when < now_ ? now_ : when, ++count_}, std::move(act));
  }
  void in(Duration delay, std::function<void()> act) { at(now_ + delay, std::move(act)); }

  // Does what is due until `end`.
  void run_until(Timestamp end) {
    while (!entries_.empty() && entries_.begin()->first.first <= end) {
      auto entry = entries_.extract(entries_.begin());
      now_ = entry.key().first;
      entry.mapped()();
    }
    now_ = end;
  }

 private:
  static constexpr Timestamp k_begin{std::chrono::hours{24 * 20'000}};

  Timestamp now_ = k_begin;
  std::uint64_t count_ = 0;
  std::map<std::pair<Timestamp, std::uint64_t>, std::function<void()>> entries_;
};

}  // namespace vozex::simulation
