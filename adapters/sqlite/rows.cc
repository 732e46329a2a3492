// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/rows.h"

namespace vozex::sqlite {

ports::InstanceRow read_instance(const Statement& row) {
  ports::InstanceRow instance;
  instance.id = row.id_at<InstanceId>(0);
  instance.shard = row.number_at<Shard>(1);
  instance.root = row.id_at<InstanceId>(2);
  instance.parent = row.id_at<InstanceId>(3);
  instance.tenant = row.text_at(4);
  instance.workflow = row.text_at(5);
  instance.version = row.number_at<std::uint32_t>(6);
  instance.key = row.text_at(7);
  instance.etag = row.etag_at(8);
  instance.seq = row.number_at<std::uint32_t>(9);
  instance.life = row.number_at<machine::Life>(10);
  instance.state = row.text_at(11);
  instance.status = row.text_at(12);
  instance.incident = row.number_at(13) != 0;
  instance.timer_at = row.optional_time_at(14);
  instance.at = row.time_at(15);
  instance.started_at = row.time_at(16);
  instance.input = row.text_at(17);
  instance.data = row.text_at(18);
  instance.rt = row.text_at(19);
  instance.output = row.text_at(20);
  return instance;
}

ports::CallRow read_call(const Statement& row) {
  ports::CallRow call;
  call.id.instance = row.id_at<InstanceId>(0);
  call.id.seq = row.number_at<std::uint32_t>(1);
  call.id.index = row.number_at<std::uint16_t>(2);
  call.shard = row.number_at<Shard>(3);
  call.tenant = row.text_at(4);
  call.adapter = row.text_at(5);
  call.state = row.number_at<ports::CallState>(6);
  call.owner = row.id_at<SessionId>(7);
  call.attempt = row.number_at<std::uint16_t>(8);
  call.next_at = row.time_at(9);
  call.decided_at = row.time_at(10);
  call.request = row.text_at(11);
  call.error = row.text_at(12);
  call.losses = row.number_at<std::uint16_t>(13);
  return call;
}

}  // namespace vozex::sqlite
