// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/records.h"

namespace vozex::postgres {

ports::InstanceRow read_instance(const Rows& rows, int row) {
  ports::InstanceRow instance;
  instance.id = rows.id<InstanceId>(row, 0);
  instance.shard = rows.number<Shard>(row, 1);
  instance.root = rows.id<InstanceId>(row, 2);
  instance.parent = rows.id<InstanceId>(row, 3);
  instance.tenant = rows.text(row, 4);
  instance.workflow = rows.text(row, 5);
  instance.version = rows.number<std::uint32_t>(row, 6);
  instance.key = rows.text(row, 7);
  instance.etag = rows.etag(row, 8);
  instance.seq = rows.number<std::uint32_t>(row, 9);
  instance.life = rows.number<machine::Life>(row, 10);
  instance.state = rows.text(row, 11);
  instance.status = rows.text(row, 12);
  instance.incident = rows.boolean(row, 13);
  instance.timer_at = rows.optional_time(row, 14);
  instance.at = rows.time(row, 15);
  instance.started_at = rows.time(row, 16);
  instance.input = rows.text(row, 17);
  instance.data = rows.text(row, 18);
  instance.rt = rows.text(row, 19);
  instance.output = rows.text(row, 20);
  return instance;
}

ports::CallRow read_call(const Rows& rows, int row) {
  ports::CallRow call;
  call.id.instance = rows.id<InstanceId>(row, 0);
  call.id.seq = rows.number<std::uint32_t>(row, 1);
  call.id.index = rows.number<std::uint16_t>(row, 2);
  call.shard = rows.number<Shard>(row, 3);
  call.tenant = rows.text(row, 4);
  call.adapter = rows.text(row, 5);
  call.state = rows.number<ports::CallState>(row, 6);
  call.owner = rows.id<SessionId>(row, 7);
  call.attempt = rows.number<std::uint16_t>(row, 8);
  call.next_at = rows.time(row, 9);
  call.decided_at = rows.time(row, 10);
  call.request = rows.text(row, 11);
  call.error = rows.text(row, 12);
  call.losses = rows.number<std::uint16_t>(row, 13);
  return call;
}

ports::OutboxRow read_outbox_row(const Rows& rows, int row) {
  return {rows.number<Shard>(row, 0),
          rows.id<InstanceId>(row, 1),
          rows.number<std::uint32_t>(row, 2),
          rows.number<std::uint16_t>(row, 3),
          rows.id<SessionId>(row, 4),
          rows.text(row, 5)};
}

}  // namespace vozex::postgres
