// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "api/sandbox/stripe/stripe.h"

namespace vozex::sandbox {
namespace {

constexpr int k_max_lines = 100;
constexpr std::int64_t k_longest_months = 36;  // of a period

tl::unexpected<Outgoing> invalid(const std::string& param, const std::string& message) {
  auto answer = json{{"error",
                      {{"type", "invalid_request_error"},
                       {"code", "parameter_missing"},
                       {"param", param},
                       {"message", message}}}};
  return tl::unexpected(json_answer(400, answer));
}

std::optional<std::int64_t> number(const std::string& text) {
  std::int64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return value;
}

std::string upper(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

using LineOf = std::function<Line(const std::string&)>;

}  // namespace

tl::expected<Line, Outgoing> read_stripe_line(const Filter& form,
                                              const std::string& at,
                                              const LineOf& line_of,
                                              std::string& currency) {
  Line line;
  const auto quantity = number(value_of(form, at + "[quantity]"));
  if (!quantity || *quantity < 1) return invalid(at + "[quantity]", "Invalid positive integer");
  line.quantity = *quantity;
  if (const auto price = value_of(form, at + "[price]"); !price.empty()) {
    const auto wanted = line.quantity;
    line = line_of(price);
    line.quantity = wanted;
    return line;
  }
  const std::string data = at + "[price_data]";
  const auto amount = number(value_of(form, data + "[unit_amount]"));
  currency = upper(value_of(form, data + "[currency]"));
  line.product = value_of(form, data + "[product]");
  if (line.product.empty()) line.product = value_of(form, data + "[product_data][name]");
  if (!amount || *amount < 0 || currency.empty() || line.product.empty())
    return invalid(data, "You must specify either `price` or `price_data` with all it needs.");
  line.unit = *amount;
  const std::string recurring = data + "[recurring]";
  const auto interval = value_of(form, recurring + "[interval]");
  line.months = interval == "month" ? 1 : interval == "year" ? 12 : 0;
  const auto count = number(value_of(form, recurring + "[interval_count]")).value_or(1);
  if (count < 1 || count > k_longest_months || line.months * count > k_longest_months ||
      (!interval.empty() && line.months == 0))
    return invalid(recurring, "months and years are played here, three years at most");
  line.months *= count;
  return line;
}

json stripe_metadata(const Filter& form, const std::string& below) {
  json out = json::object();
  const std::string open = below.empty() ? "metadata[" : below + "[metadata][";
  for (const auto& [name, value] : form) {
    if (name.starts_with(open) && name.ends_with(']'))
      out[name.substr(open.size(), name.size() - open.size() - 1)] = value;
  }
  return out;
}

tl::expected<Session, Outgoing> read_stripe_session(const Filter& form, const LineOf& line_of) {
  const std::string mode = value_of(form, "mode");
  if (mode != "payment" && mode != "subscription")
    return invalid("mode", "mode must be payment or subscription here");
  if (value_of(form, "success_url").empty())
    return invalid("success_url", "Missing required param: success_url.");
  Session session;
  std::string currency;
  for (int i = 0; i < k_max_lines; ++i) {
    const std::string at = "line_items[" + std::to_string(i) + "]";
    const auto first = form.lower_bound(at);
    if (first == form.end() || !first->first.starts_with(at)) break;
    const auto line = read_stripe_line(form, at, line_of, currency);
    if (!line) return tl::unexpected(line.error());
    session.amount += line->unit * line->quantity;
    session.cart.push_back(*line);
  }
  if (session.cart.empty()) return invalid("line_items", "Missing required param: line_items.");
  session.currency = currency.empty() ? "USD" : currency;
  session.metadata = stripe_metadata(form);
  session.payment_metadata = stripe_metadata(form, "payment_intent_data");
  session.manual_capture = value_of(form, "payment_intent_data[capture_method]") == "manual";
  session.return_url = value_of(form, "success_url");
  if (const auto email = value_of(form, "customer_email"); !email.empty())
    session.customer["email"] = email;
  session.extra = {{"mode", mode},
                   {"client_reference_id", value_of(form, "client_reference_id")},
                   {"cancel_url", value_of(form, "cancel_url")}};
  if (mode == "subscription") {
    if (session.cart.front().months < 1)
      return invalid("line_items", "`subscription` mode needs a recurring price.");
    session.terms =
        Terms{number(value_of(form, "subscription_data[trial_period_days]")).value_or(0),
              stripe_metadata(form, "subscription_data"),
              ""};
  }
  return session;
}

}  // namespace vozex::sandbox
