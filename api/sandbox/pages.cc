// SPDX-License-Identifier: Apache-2.0
#include "api/sandbox/pages.h"

#include <algorithm>

#include "api/sandbox/core.h"
#include "api/sandbox/currency.h"

namespace vozex::sandbox {
namespace {

constexpr const char* k_head = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Checkout (sandbox)</title>
<style>
:root { color-scheme: light dark; --ink: #1b1f2a; --soft: #5a6275; --paper: #fff; --ground: #eef0f5; --line: #d5d9e4;
  --go: #1d5fd1; --go-ink: #fff; --good: #17663a; --bad: #a3262a; }
@media (prefers-color-scheme: dark) { :root { --ink: #eceff7; --soft: #a9b1c4; --paper: #1c212d; --ground: #12151d;
  --line: #3a4152; --go: #86b1ff; --go-ink: #0d1420; --good: #7fd8a4; --bad: #ff9d9d; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--ground);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 27rem; background: var(--paper); border: 1px solid var(--line); border-radius: .9rem;
  padding: 1.75rem; }
.note { margin: 0 0 1rem; font-size: .875rem; color: var(--soft); }
h1 { margin: 0; font-size: 1.05rem; font-weight: 600; }
.amount { margin: .15rem 0 1.25rem; font-size: 2.2rem; font-weight: 700; font-variant-numeric: tabular-nums; }
table { width: 100%; border-collapse: collapse; margin-bottom: 1.25rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-size: .875rem; color: var(--soft); padding-bottom: .25rem; }
th, td { padding: .45rem 0; border-top: 1px solid var(--line); text-align: left; font-weight: 400; overflow-wrap: anywhere; }
td:last-child, th:last-child { text-align: right; white-space: nowrap; padding-left: 1rem; }
h2 { margin: 1.5rem 0 .25rem; font-size: 1rem; }
form { margin: 0 0 .6rem; }
form.row { display: inline-block; margin: .3rem .4rem 0 0; }
button { width: 100%; min-height: 2.9rem; border-radius: .55rem; border: 1px solid var(--line); background: transparent;
  color: var(--ink); font: inherit; font-weight: 600; cursor: pointer; }
button.small { width: auto; min-height: 2rem; padding: 0 .7rem; font-size: .85rem; }
button.go { background: var(--go); border-color: var(--go); color: var(--go-ink); }
button:focus-visible, a:focus-visible { outline: 3px solid var(--go); outline-offset: 3px; }
.status { margin: 0 0 1.25rem; padding: .7rem .9rem; border: 1px solid currentColor; border-radius: .55rem; font-weight: 600; }
.good { color: var(--good); } .bad { color: var(--bad); }
a { color: var(--go); }
code { font-size: .8rem; color: var(--soft); overflow-wrap: anywhere; }
</style>
</head>
<body>
<main>
<p class="note">Sandbox: no money moves here.</p>
)";

constexpr const char* k_foot = "</main>\n</body>\n</html>\n";

std::string status_line(const std::string& outcome) {
  if (outcome == "succeeded")
    return "<p class=\"status good\" role=\"status\">\xE2\x9C\x93 Paid. You may close this "
           "page.</p>\n";
  if (outcome == "failed") {
    return "<p class=\"status bad\" role=\"status\">\xE2\x9C\x95 The card was declined. You can "
           "try again.</p>\n";
  }
  if (outcome == "approved")
    return "<p class=\"status good\" role=\"status\">\xE2\x9C\x93 You agreed. The shop takes the "
           "money now.</p>\n";
  if (outcome == "processing")
    return "<p class=\"status good\" role=\"status\">Your bank is at work on it.</p>\n";
  if (outcome == "expired")
    return "<p class=\"status bad\" role=\"status\">\xE2\x9C\x95 This page has expired.</p>\n";
  if (outcome == "cancelled")
    return "<p class=\"status bad\" role=\"status\">\xE2\x9C\x95 The payment was cancelled.</p>\n";
  return "";
}

std::string button(const Session& session,
                   const std::string& action,
                   const std::string& label,
                   bool main) {
  return "<form method=\"post\" action=\"/checkout/" + session.id + "/" + action + "\"><button" +
         (main ? " class=\"go\"" : "") + ">" + label + "</button></form>\n";
}

std::string cart_table(const Session& session) {
  std::string out =
      "<table>\n<caption>Your order</caption>\n<tr><th scope=\"col\">Item</th><th "
      "scope=\"col\">Price</th></tr>\n";
  for (const auto& line : session.cart) {
    out += "<tr><td>" + std::to_string(line.quantity) + " \xC3\x97 " + html_escape(line.product) +
           "</td><td>" + money_text(line.unit * line.quantity, session.currency) + "</td></tr>\n";
  }
  return out + "</table>\n";
}

}  // namespace

std::string html_escape(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string money_text(std::int64_t minor, const std::string& currency) {
  return decimal_text(minor, currency) + " " + html_escape(currency);
}

std::string missing_page() {
  return std::string(k_head) +
         "<h1>There is no such checkout</h1>\n<p>It may belong to a sandbox that was "
         "restarted.</p>\n" +
         k_foot;
}

std::string checkout_page(const Gateway& gateway,
                          const Session& session,
                          const std::string& outcome) {
  std::string out = k_head;
  out += "<p class=\"note\">" + std::string(gateway.name()) + "</p>\n";
  out += "<h1>Amount to pay</h1>\n<p class=\"amount\">" +
         money_text(session.amount, session.currency) + "</p>\n";
  out += status_line(outcome) + cart_table(session);
  if (outcome != "succeeded" && outcome != "expired") {
    out += button(session, "pay", "Pay " + money_text(session.amount, session.currency), true);
    out += button(session, "decline", "Decline the card", false);
    out += button(session, "cancel", "Cancel", false);
    out += button(session, "chaos", "Pay twice, late, out of order", false);
  }
  if (session.return_url.starts_with("https://") || session.return_url.starts_with("http://")) {
    out += "<p><a href=\"" + html_escape(session.return_url) + "\">Back to the shop</a></p>\n";
  }
  return out + "<p><code>" + session.id + "</code></p>\n" + k_foot;
}

namespace {

constexpr std::size_t k_shown = 20;

std::string act(const std::string& path,
                const std::string& label,
                const std::string& name,
                const std::string& value) {
  return "<form class=\"row\" method=\"post\" action=\"/act/" + path +
         "\"><input type=\"hidden\" name=\"" + name + "\" value=\"" + value +
         "\"><button class=\"small\">" + label + "</button></form>\n";
}

std::string payments_table(const Gateway& gateway) {
  const auto& payments = gateway.world().payments();
  if (payments.empty()) return "<p class=\"note\">No payments yet.</p>\n";
  std::string out =
      "<table>\n<tr><th scope=\"col\">Payment</th><th scope=\"col\">Amount</th></tr>\n";
  std::size_t count = 0;
  for (auto it = payments.rbegin(); it != payments.rend() && count < k_shown; ++it, ++count) {
    out += "<tr><td>" + html_escape(it->metadata.value("order_id", "")) + " " +
           to_string(it->status) + "<br><code>" + it->id + "</code>";
    const std::string path = "payments/" + it->id + "/";
    if (it->status == PaymentStatus::processing)
      out += act(path + "settle", "Succeed", "ok", "true") +
             act(path + "settle", "Fail", "ok", "false");
    if (it->status == PaymentStatus::succeeded) {
      if (gateway.world().is_disputed(*it)) {
        out += act(path + "dispute", "Dispute: won", "state", "won") +
               act(path + "dispute", "Dispute: lost", "state", "lost");
      } else {
        out += act(path + "dispute", "Dispute", "state", "opened");
        if (gateway.world().refunded(*it) < it->amount)
          out += act(path + "refund", "Refund the rest", "reason", "by hand");
      }
    }
    out += "</td><td>" + money_text(it->amount, it->currency);
    if (const auto back = gateway.world().refunded(*it); back > 0)
      out += "<br>\xE2\x88\x92" + money_text(back, it->currency);
    out += "</td></tr>\n";
  }
  return out + "</table>\n";
}

}  // namespace

std::string home_page(const Core& core, Timestamp now) {
  std::string out = k_head;
  out += "<h1>Gateways to play with</h1>\n<p class=\"note\">Their time is " +
         format_timestamp(now) + ".</p>\n";
  for (const auto& gateway : core.gateways()) {
    out += "<h2>" + std::string(gateway->name()) + "</h2>\n<p class=\"note\">Interface <code>" +
           html_escape(gateway->base_url()) + "</code><br>webhooks to <code>" +
           html_escape(core.webhook_url(*gateway)) + "</code></p>\n" + payments_table(*gateway);
  }
  return out + k_foot;
}

}  // namespace vozex::sandbox
