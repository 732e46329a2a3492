// SPDX-License-Identifier: Apache-2.0
//
// The templates; their marks are explained in starter.cc.
#include "engine/lab/starter.h"

namespace vozex::lab {
namespace {

// ---- blank ----

constexpr std::string_view k_blank =
    R"(# One lifecycle: what states it has, and what leads from one to the next.
# Check it with `vozex validate {{name}}.yaml`, run its scenarios with `vozex test {{name}}.test.yaml`.
vozex: 1
workflow: {{name}}
version: 1                               # raise it with every change once it is deployed
title: {{title}}
key: input.{{name}}_id                   # the business key: one instance for each
input: {{{name}}_id: string}

events:                                  # what the world may tell us, and which instance it means
  {{name}}.done: {data: {{{name}}_id: string}, match: event.data.{{name}}_id}

states:                                  # the first one is where it starts
  open:
    on: {{{name}}.done: done}
?d     after: {{{deadline}}: expired}
?r     actions:                             # what people may do here
?r       close: {title: Close it, roles: [{{role}}], target: done}
  done: {type: final}
?d   expired: {type: final, outcome: cancelled}
)";

constexpr std::string_view k_blank_tests = R"(workflow: {{name}}
defaults:
  start: {{{name}}_id: x1}
scenarios:
  - name: the event ends it
    steps:
      - expect: {state: open}
      - event: {{{name}}.done: {{{name}}_id: x1}, id: e1}
      - expect: {state: done, life: completed}
?d   - name: nothing happens for too long
?d     steps:
?d       - advance: {{deadline}}
?d       - expect: {state: expired, life: cancelled}
?r   - name: a person closes it
?r     steps:
?r       - action: {close: {}, as: {id: ann, roles: [{{role}}]}}
?r       - expect: {state: done}
)";

// ---- approval ----

constexpr std::string_view k_approval = R"(# A request that somebody decides on.
vozex: 1
workflow: {{name}}
version: 1                               # raise it with every change once it is deployed
title: {{title}}
key: input.request_id                    # the business key: one instance for each request
input:
  request_id: string
  asked_by: string
  text: string
output: {approved: bool}                 # what a workflow that invoked this one gets

status:                                  # the words that people and other systems see
  waiting: Waiting for a decision
  approved: Approved
  rejected: Rejected
  withdrawn: Withdrawn

data:
  reason: {type: string, default: ""}

events:                                  # what the world may tell us, and which instance it means
  request.withdrawn: {data: {request_id: string}, match: event.data.request_id}
!r   request.decided: {data: {request_id: string, approved: bool, reason: string}, match: event.data.request_id}

states:
  waiting:
    status: waiting
?r     task: {queue: {{role}}, roles: [{{role}}]}      # an entry in people's inbox
?r     actions:                             # what people may do here
?r       approve: {title: Approve, roles: [{{role}}], target: approved}
?r       reject: {title: Reject, roles: [{{role}}], form: {reason: string}, set: {reason: "${event.form.reason}"}, target: rejected}
    on:
      request.withdrawn: withdrawn
!r       request.decided:
!r         - {when: event.data.approved, target: approved}
!r         - {target: rejected, set: {reason: "${event.data.reason}"}}
?d     after: {{{deadline}}: {target: rejected, set: {reason: nobody decided in time}}}
  approved: {type: final, status: approved, output: {approved: true}}
  rejected: {type: final, status: rejected, output: {approved: false}}
  withdrawn: {type: final, status: withdrawn, outcome: cancelled}
)";

constexpr std::string_view k_approval_tests = R"(workflow: {{name}}
defaults:
  start: {request_id: r1, asked_by: ann, text: a new chair}
scenarios:
  - name: it is approved
    steps:
?r       - expect: {state: waiting, status: waiting, tasks: [{{role}}]}
?r       - action: {approve: {}, as: {id: bob, roles: [{{role}}]}}
!r       - expect: {state: waiting, status: waiting}
!r       - event: {request.decided: {request_id: r1, approved: true, reason: fine}, id: e1}
      - expect: {state: approved, output: {approved: true}}
  - name: it is rejected with a reason
    steps:
?r       - action: {reject: {reason: too dear}, as: {id: bob, roles: [{{role}}]}}
!r       - event: {request.decided: {request_id: r1, approved: false, reason: too dear}, id: e1}
      - expect: {state: rejected, data: {reason: too dear}, output: {approved: false}}
?r   - name: nobody else may decide
?r     steps:
?r       - action: {approve: {}, as: {id: eve, roles: [guest]}}
?r       - expect: {state: waiting, outcome: rejected, rejection: not_allowed}
  - name: who asked takes it back
    steps:
      - event: {request.withdrawn: {request_id: r1}, id: e1}
      - expect: {state: withdrawn, life: cancelled}
?d   - name: nobody decides in time
?d     steps:
?d       - advance: {{deadline}}
?d       - expect: {state: rejected, data: {reason: nobody decided in time}}
)";

// ---- order ----

constexpr std::string_view k_order =
    R"(# An order, from the moment it is placed until it is delivered.
vozex: 1
workflow: {{name}}
version: 1                               # raise it with every change once it is deployed
title: {{title}}
key: input.order_id                      # the business key: one instance for each order
input:
  order_id: string
  total: money                           # {minor: 4900, currency: USD}
  items: {type: list<string>, min_length: 1, max_length: 100}

status:                                  # the words that people and other systems see
  awaiting_payment: Waiting for payment
  packing: Being packed
  shipped: On its way
  delivered: Delivered
  cancelled: Cancelled

data:
  paid: {type: int, default: 0, doc: minor units}
  tracking: optional<string>

events:                                  # what the world may tell us, and which instance it means
  order.paid: {data: {order_id: string, amount: int}, match: event.data.order_id}
  order.packed: {data: {order_id: string, tracking: string}, match: event.data.order_id}
  order.delivered: {data: {order_id: string}, match: event.data.order_id}
  order.cancelled: {data: {order_id: string}, match: event.data.order_id}

on:                                      # holds everywhere; a state may take an event differently
  order.paid: {}                         # told again, or too late: changes nothing here
  order.packed: {}
  order.delivered: {}
  order.cancelled: {}

states:
  awaiting_payment:
    status: awaiting_payment
    on:
      order.paid:                        # the first whose `when` holds is taken
        - {when: data.paid + event.data.amount >= input.total.minor, target: packing, set: {paid: "${data.paid + event.data.amount}"}}
        - {set: {paid: "${data.paid + event.data.amount}"}}
      order.cancelled: cancelled
?d     after: {{{deadline}}: cancelled}
  packing:
    status: packing
    on: {order.packed: {target: shipped, set: {tracking: "${event.data.tracking}"}}}
?r     task: {queue: {{role}}, roles: [{{role}}]}      # an entry in people's inbox
?r     actions:                             # what people may do here
?r       packed: {title: It is packed, roles: [{{role}}], form: {tracking: string}, set: {tracking: "${event.form.tracking}"}, target: shipped}
  shipped:
    status: shipped
    on: {order.delivered: delivered}
  delivered: {type: final, status: delivered}
  cancelled: {type: final, status: cancelled, outcome: cancelled}
)";

constexpr std::string_view k_order_tests = R"(workflow: {{name}}
defaults:
  start: {order_id: o1, total: {minor: 4900, currency: USD}, items: [book]}
scenarios:
  - name: paid, packed, delivered
    steps:
      - expect: {state: awaiting_payment, status: awaiting_payment}
      - event: {order.paid: {order_id: o1, amount: 4900}, id: e1}
?r       - expect: {state: packing, tasks: [{{role}}]}
!r       - expect: {state: packing}
      - event: {order.packed: {order_id: o1, tracking: t1}, id: e2}
      - expect: {state: shipped, data: {tracking: t1}}
      - event: {order.delivered: {order_id: o1}, id: e3}
      - expect: {state: delivered, life: completed}
  - name: paid in two parts
    steps:
      - event: {order.paid: {order_id: o1, amount: 4000}, id: e1}
      - expect: {state: awaiting_payment, data: {paid: 4000}}
      - event: {order.paid: {order_id: o1, amount: 900}, id: e2}
      - expect: {state: packing, data: {paid: 4900}}
  - name: the same payment told twice counts once
    steps:
      - event: {order.paid: {order_id: o1, amount: 4000}, id: e1}
      - event: {duplicate_of: e1}
      - expect: {outcome: duplicate, data: {paid: 4000}}
  - name: cancelled before it is paid
    steps:
      - event: {order.cancelled: {order_id: o1}, id: e1}
      - expect: {state: cancelled, life: cancelled}
?d   - name: never paid
?d     steps:
?d       - advance: {{deadline}}
?d       - expect: {state: cancelled}
?r   - name: a person packs it
?r     steps:
?r       - event: {order.paid: {order_id: o1, amount: 4900}, id: e1}
?r       - action: {packed: {tracking: t2}, as: {id: ann, roles: [{{role}}]}}
?r       - expect: {state: shipped, data: {tracking: t2}}
)";

// ---- subscription ----

constexpr std::string_view k_subscription =
    R"(# A subscription: renewed by payments, paused or ended by the customer.
vozex: 1
workflow: {{name}}
version: 1                               # raise it with every change once it is deployed
title: {{title}}
key: input.subscription_id               # the business key: one instance for each subscription
input:
  subscription_id: string
  plan: string

status:                                  # the words that people and other systems see
  active: Active
  past_due: Payment is missing
  paused: Paused
  ended: Ended

data:
  paid_periods: {type: int, default: 0}

events:                                  # what the world may tell us, and which instance it means
  subscription.renewed: {data: {subscription_id: string}, match: event.data.subscription_id}
  subscription.payment_failed: {data: {subscription_id: string}, match: event.data.subscription_id}
  subscription.paused: {data: {subscription_id: string}, match: event.data.subscription_id}
  subscription.resumed: {data: {subscription_id: string}, match: event.data.subscription_id}
  subscription.ended: {data: {subscription_id: string}, match: event.data.subscription_id}

on:                                      # holds everywhere; a state may take an event differently
  subscription.ended: ended
  subscription.renewed: {set: {paid_periods: "${data.paid_periods + 1}"}}
  subscription.payment_failed: {}
  subscription.paused: {}
  subscription.resumed: {}

states:
  active:
    status: active
    on: {subscription.payment_failed: past_due, subscription.paused: paused}
  past_due:
    status: past_due
    on:
      subscription.renewed: {target: active, set: {paid_periods: "${data.paid_periods + 1}"}}
?d     after: {{{deadline}}: ended}
?r     task: {queue: {{role}}, roles: [{{role}}]}      # an entry in people's inbox
?r     actions:                             # what people may do here
?r       forgive: {title: Let it go on, roles: [{{role}}], target: active}
  paused:
    status: paused
    on: {subscription.resumed: active}
  ended: {type: final, status: ended}
)";

constexpr std::string_view k_subscription_tests = R"(workflow: {{name}}
defaults:
  start: {subscription_id: s1, plan: basic}
scenarios:
  - name: renewed, then ended
    steps:
      - expect: {state: active, status: active}
      - event: {subscription.renewed: {subscription_id: s1}, id: e1}
      - expect: {state: active, data: {paid_periods: 1}}
      - event: {subscription.ended: {subscription_id: s1}, id: e2}
      - expect: {state: ended, life: completed}
  - name: a missed payment is made good
    steps:
      - event: {subscription.payment_failed: {subscription_id: s1}, id: e1}
?r       - expect: {state: past_due, tasks: [{{role}}]}
!r       - expect: {state: past_due}
      - event: {subscription.renewed: {subscription_id: s1}, id: e2}
      - expect: {state: active, data: {paid_periods: 1}}
?d   - name: a missed payment is never made good
?d     steps:
?d       - event: {subscription.payment_failed: {subscription_id: s1}, id: e1}
?d       - advance: {{deadline}}
?d       - expect: {state: ended}
?r   - name: a missed payment is let go
?r     steps:
?r       - event: {subscription.payment_failed: {subscription_id: s1}, id: e1}
?r       - action: {forgive: {}, as: {id: ann, roles: [{{role}}]}}
?r       - expect: {state: active}
  - name: paused and resumed
    steps:
      - event: {subscription.paused: {subscription_id: s1}, id: e1}
      - expect: {state: paused}
      - event: {subscription.resumed: {subscription_id: s1}, id: e2}
      - expect: {state: active}
)";

// ---- ticket ----

constexpr std::string_view k_ticket =
    R"(# A question or fault that somebody reported, until it is solved and stays solved.
vozex: 1
workflow: {{name}}
version: 1                               # raise it with every change once it is deployed
title: {{title}}
key: input.ticket_id                     # the business key: one instance for each ticket
input:
  ticket_id: string
  subject: string
  priority: {type: enum(low|high), default: low}

status:                                  # the words that people and other systems see
  open: Open
  waiting: Waiting for your answer
  solved: Solved
  closed: Closed

data:
  answers: {type: int, default: 0}
  reopened: {type: int, default: 0}

events:                                  # what the world may tell us, and which instance it means
  ticket.answered: {data: {ticket_id: string}, match: event.data.ticket_id}
  ticket.replied: {data: {ticket_id: string}, match: event.data.ticket_id}
  ticket.solved: {data: {ticket_id: string}, match: event.data.ticket_id}

on:                                      # holds everywhere; a state may take an event differently
  ticket.answered: {set: {answers: "${data.answers + 1}"}}
  ticket.replied: {}
  ticket.solved: solved

states:
  open:
    status: open
    on: {ticket.answered: {target: waiting, set: {answers: "${data.answers + 1}"}}}
?r     task: {queue: "${input.priority == 'high' ? 'urgent' : '{{role}}'}", roles: [{{role}}]}    # an entry in people's inbox
?r     actions:                             # what people may do here
?r       solve: {title: It is solved, roles: [{{role}}], target: solved}
  waiting:
    status: waiting
    on: {ticket.replied: open}
?d     after: {{{deadline}}: solved}
  solved:
    status: solved
    on:
      ticket.solved: {}
      ticket.replied: {target: open, set: {reopened: "${data.reopened + 1}"}}
    after: {7d: closed}
  closed: {type: final, status: closed}
)";

constexpr std::string_view k_ticket_tests = R"(workflow: {{name}}
defaults:
  start: {ticket_id: t1, subject: It does not start}
scenarios:
  - name: answered, solved, closed after a week
    steps:
?r       - expect: {state: open, tasks: [{{role}}]}
!r       - expect: {state: open}
      - event: {ticket.answered: {ticket_id: t1}, id: e1}
      - expect: {state: waiting, data: {answers: 1}}
      - event: {ticket.solved: {ticket_id: t1}, id: e2}
      - expect: {state: solved, status: solved}
      - advance: 7d
      - expect: {state: closed, life: completed}
  - name: a reply opens it again
    steps:
      - event: {ticket.solved: {ticket_id: t1}, id: e1}
      - event: {ticket.replied: {ticket_id: t1}, id: e2}
      - expect: {state: open, data: {reopened: 1}}
?d   - name: no reply means solved
?d     steps:
?d       - event: {ticket.answered: {ticket_id: t1}, id: e1}
?d       - advance: {{deadline}}
?d       - expect: {state: solved}
?r   - name: a high priority goes to the urgent queue
?r     start: {priority: high}
?r     steps:
?r       - expect: {tasks: [urgent]}
?r       - action: {solve: {}, as: {id: ann, roles: [{{role}}]}}
?r       - expect: {state: solved}
)";

}  // namespace

const std::vector<StarterKind>& starter_kinds() {
  static const std::vector<StarterKind> kinds{
      {"order", "placed, paid, packed, delivered", "7d", "warehouse", k_order, k_order_tests},
      {"approval",
       "a request that somebody decides on",
       "14d",
       "managers",
       k_approval,
       k_approval_tests},
      {"subscription",
       "renewed, past due, paused, ended",
       "14d",
       "billing",
       k_subscription,
       k_subscription_tests},
      {"ticket", "reported, answered, solved", "3d", "support", k_ticket, k_ticket_tests},
      {"blank", "one state, one event", "30d", "ops", k_blank, k_blank_tests},
  };
  return kinds;
}

}  // namespace vozex::lab
