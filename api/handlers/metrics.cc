// SPDX-License-Identifier: Apache-2.0
#include "api/handlers/metrics.h"

#include <limits>
#include <map>
#include <mutex>
#include <tuple>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace vozex::handlers {
namespace {

// Seconds; the aim is to answer within 0.2.
const prometheus::Histogram::BucketBoundaries k_buckets = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 10};

prometheus::MetricFamily single(std::string name,
                                std::string help,
                                prometheus::MetricType type,
                                double value) {
  prometheus::ClientMetric metric;
  if (type == prometheus::MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  return {std::move(name), std::move(help), type, {metric}};
}

// Buckets of a Prometheus histogram count what is at most their bound.
prometheus::MetricFamily lag_of(const runtime::TimerLag& lag) {
  prometheus::ClientMetric metric;
  for (std::size_t i = 0; i < lag.counts.size(); ++i) {
    metric.histogram.sample_count += lag.counts[i];
    const double bound = i < runtime::TimerLag::k_bounds.size()
                             ? runtime::TimerLag::k_bounds[i]
                             : std::numeric_limits<double>::infinity();
    metric.histogram.bucket.push_back({metric.histogram.sample_count, bound});
  }
  metric.histogram.sample_sum = lag.sum;
  return {"vozex_timer_lag_seconds",
          "From when a timer was due to the commit of what it did",
          prometheus::MetricType::Histogram,
          {metric}};
}

// One series for each adapter.
void append_adapters(std::vector<prometheus::MetricFamily>& families,
                     const runtime::Engine::Stats& stats) {
  using Adapter = runtime::Engine::Stats::Adapter;
  const auto gauge = [&](const char* name, const char* help, auto read) {
    prometheus::MetricFamily family{name, help, prometheus::MetricType::Gauge, {}};
    for (const Adapter& adapter : stats.adapters) {
      prometheus::ClientMetric metric;
      metric.label.push_back({"adapter", adapter.name});
      metric.gauge.value = static_cast<double>(read(adapter));
      family.metric.push_back(std::move(metric));
    }
    families.push_back(std::move(family));
  };
  gauge("vozex_adapter_breaker",
        "Circuit breaker: 0 closed, 1 half open, 2 open",
        [](const Adapter& adapter) { return adapter.breaker_number; });
  gauge("vozex_adapter_calls_in_flight", "Calls under way, by adapter", [](const Adapter& adapter) {
    return adapter.in_flight;
  });
  gauge("vozex_adapter_calls_queued",
        "Calls of this process that wait for a worker, by adapter",
        [](const Adapter& adapter) { return adapter.queued; });
  gauge("vozex_adapter_concurrency",
        "Calls that may be under way at once, by adapter",
        [](const Adapter& adapter) { return adapter.limit; });
}

std::vector<ports::TaskCount> bounded(std::vector<ports::TaskCount> tasks) {
  if (tasks.size() <= k_max_task_queues) return tasks;
  ports::TaskCount others;
  others.queue = "(others)";
  for (std::size_t i = k_max_task_queues - 1; i < tasks.size(); ++i) {
    others.open += tasks[i].open;
    others.unassigned += tasks[i].unassigned;
    others.overdue += tasks[i].overdue;
  }
  tasks.resize(k_max_task_queues - 1);
  tasks.push_back(std::move(others));
  return tasks;
}

// One series for each queue.
void append_tasks(std::vector<prometheus::MetricFamily>& families,
                  const std::vector<ports::TaskCount>& tasks) {
  const auto gauge = [&](const char* name, const char* help, std::uint64_t ports::TaskCount::* of) {
    prometheus::MetricFamily family{name, help, prometheus::MetricType::Gauge, {}};
    for (const ports::TaskCount& count : tasks) {
      prometheus::ClientMetric metric;
      metric.label.push_back({"queue", count.queue});
      metric.gauge.value = static_cast<double>(count.*of);
      family.metric.push_back(std::move(metric));
    }
    families.push_back(std::move(family));
  };
  if (tasks.empty()) return;
  gauge("vozex_tasks_open", "Open tasks, by queue", &ports::TaskCount::open);
  gauge("vozex_tasks_unassigned",
        "Open tasks that nobody has, by queue",
        &ports::TaskCount::unassigned);
  gauge("vozex_tasks_overdue",
        "Open tasks past their due time, by queue",
        &ports::TaskCount::overdue);
}

void append_engine(std::vector<prometheus::MetricFamily>& families,
                   const runtime::Engine::Stats& stats) {
  const auto counter = [&](const char* name, const char* help, std::uint64_t value) {
    families.push_back(
        single(name, help, prometheus::MetricType::Counter, static_cast<double>(value)));
  };
  const auto gauge = [&](const char* name, const char* help, double value) {
    families.push_back(single(name, help, prometheus::MetricType::Gauge, value));
  };
  counter("vozex_events_total", "Events taken from outside", stats.events);
  counter("vozex_event_duplicates_total", "Events that had been seen before", stats.duplicates);
  counter("vozex_steps_total", "Steps committed", stats.transitions);
  counter("vozex_batches_total", "Commits", stats.batches);
  counter("vozex_stale_groups_total", "Groups that lost a race and went again", stats.stale_groups);
  counter(
      "vozex_calls_sent_total", "Calls sent to adapters, each attempt counted", stats.calls_sent);
  counter("vozex_calls_failed_total", "Attempts of calls that failed", stats.calls_failed);
  counter("vozex_calls_dead_total", "Calls that were given up", stats.calls_dead);
  counter("vozex_timers_fired_total", "Timers fired", stats.timers_fired);
  counter("vozex_events_parked_total",
          "Events kept for an instance that wasn't there yet",
          stats.parked);
  gauge("vozex_queued", "Items waiting for a lane", static_cast<double>(stats.queued));
  gauge("vozex_calls_in_flight", "Calls under way", static_cast<double>(stats.calls_in_flight));
  gauge("vozex_store_ok", "1 while the store answers", stats.store_ok ? 1 : 0);
  gauge("vozex_session_ok",
        "1 while this process's heartbeats reach the store",
        stats.session_ok ? 1 : 0);
  families.push_back(lag_of(stats.timer_lag));
  append_adapters(families, stats);
}

}  // namespace

struct Metrics::Impl {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& requests =
      prometheus::BuildCounter()
          .Name("vozex_http_requests_total")
          .Help("Requests answered, by route and status")
          .Register(registry);
  prometheus::Family<prometheus::Histogram>& seconds =
      prometheus::BuildHistogram()
          .Name("vozex_http_request_seconds")
          .Help("From the head of a request to its answer, by route")
          .Register(registry);
  struct Series {
    prometheus::Counter* count = nullptr;
    prometheus::Histogram* seconds = nullptr;
  };
  std::mutex mutex;  // guards series
  std::map<std::tuple<std::string, std::string, unsigned>, Series, std::less<>> series;
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::observe(std::string_view method,
                      std::string_view pattern,
                      unsigned status,
                      std::chrono::microseconds took) {
  // A request that no route took has a method of the client's choice: not a label.
  if (pattern.empty()) method = "";
  Impl::Series series;
  {
    const std::lock_guard lock(impl_->mutex);
    auto& known = impl_->series[{std::string(method), std::string(pattern), status}];
    if (known.count == nullptr) {
      const std::string route(pattern.empty() ? "none" : pattern);
      known.count = &impl_->requests.Add(
          {{"method", std::string(method)}, {"route", route}, {"status", std::to_string(status)}});
      known.seconds =
          &impl_->seconds.Add({{"method", std::string(method)}, {"route", route}}, k_buckets);
    }
    series = known;
  }
  series.count->Increment();
  series.seconds->Observe(static_cast<double>(took.count()) / 1e6);
}

std::string Metrics::text(const runtime::Engine::Stats& stats,
                          std::int64_t parked_now,
                          const std::vector<ports::TaskCount>& tasks,
                          std::size_t waiting) const {
  auto families = impl_->registry.Collect();
  append_engine(families, stats);
  append_tasks(families, bounded(tasks));
  families.push_back(single("vozex_requests_waiting",
                            "Requests that wait for an instance",
                            prometheus::MetricType::Gauge,
                            static_cast<double>(waiting)));
  if (parked_now >= 0) {
    families.push_back(single("vozex_events_parked",
                              "Events that wait for their instance",
                              prometheus::MetricType::Gauge,
                              static_cast<double>(parked_now)));
  }
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace vozex::handlers
