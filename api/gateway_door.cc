// SPDX-License-Identifier: Apache-2.0
#include "api/gateway_door.h"

#include <limits>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace vozex::program {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

ClientMetric counted(Labels labels, std::uint64_t value) {
  ClientMetric metric;
  metric.label = std::move(labels);
  metric.counter.value = static_cast<double>(value);
  return metric;
}

// Buckets of a Prometheus histogram count what is at most their bound.
ClientMetric timed(Labels labels, const payments::Timing& timing) {
  ClientMetric metric;
  metric.label = std::move(labels);
  for (std::size_t i = 0; i < timing.counts.size(); ++i) {
    metric.histogram.sample_count += timing.counts[i];
    const double bound = i < payments::Timing::k_bounds.size()
                             ? payments::Timing::k_bounds[i]
                             : std::numeric_limits<double>::infinity();
    metric.histogram.bucket.push_back({metric.histogram.sample_count, bound});
  }
  metric.histogram.sample_sum = timing.sum;
  return metric;
}

class Door final : public handlers::GatewayDoor {
 public:
  explicit Door(const payments::PaymentsAdapter& payments) : payments_(payments) {}

  std::vector<std::string> names() const override { return payments_.gateway_names(); }

  Result<handlers::GatewayConnection> test(std::string_view name) const override {
    auto told = payments_.check(name);
    if (!told) return tl::unexpected(told.error());
    return handlers::GatewayConnection{told->ok, told->code, told->message, told->hint};
  }

  std::string metrics() const override {
    MetricFamily calls{"vozex_gateway_calls_total",
                       "Calls of payment gateways, by operation and outcome (ok, or an error code)",
                       MetricType::Counter,
                       {}};
    MetricFamily seconds{"vozex_gateway_call_seconds",
                         "How long calls of payment gateways took",
                         MetricType::Histogram,
                         {}};
    MetricFamily webhooks{"vozex_gateway_webhooks_total",
                          "Webhooks taken, by gateway and type; gateway.unconfirmed is what the "
                          "gateway itself knows nothing of",
                          MetricType::Counter,
                          {}};
    MetricFamily refused{"vozex_gateway_webhooks_refused_total",
                         "Webhooks refused, by gateway and reason",
                         MetricType::Counter,
                         {}};
    MetricFamily lag{"vozex_gateway_webhook_lag_seconds",
                     "From what happened at the gateway to its webhook's arrival",
                     MetricType::Histogram,
                     {}};
    MetricFamily mismatches{"vozex_gateway_mismatches_total",
                            "Payments that weren't what was agreed and went to people, by gateway "
                            "and by what was wrong (amount, currency)",
                            MetricType::Counter,
                            {}};
    for (const auto& [name, counts] : payments_.telemetry().counts()) {
      const ClientMetric::Label gateway{"gateway", name};
      for (const auto& [what, count] : counts.calls) {
        calls.metric.push_back(
            counted({gateway, {"operation", what.first}, {"outcome", what.second}}, count));
      }
      for (const auto& [type, count] : counts.webhooks)
        webhooks.metric.push_back(counted({gateway, {"type", type}}, count));
      for (const auto& [reason, count] : counts.refused)
        refused.metric.push_back(counted({gateway, {"reason", reason}}, count));
      for (const auto& [kind, count] : counts.mismatches)
        mismatches.metric.push_back(counted({gateway, {"kind", kind}}, count));
      seconds.metric.push_back(timed({gateway}, counts.call_seconds));
      lag.metric.push_back(timed({gateway}, counts.webhook_lag));
    }
    return prometheus::TextSerializer().Serialize(
        {calls, seconds, webhooks, refused, lag, mismatches});
  }

 private:
  const payments::PaymentsAdapter& payments_;
};

}  // namespace

std::unique_ptr<handlers::GatewayDoor> gateway_door(const payments::PaymentsAdapter& payments) {
  return std::make_unique<Door>(payments);
}

}  // namespace vozex::program
