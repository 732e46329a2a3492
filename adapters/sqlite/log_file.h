// SPDX-License-Identifier: Apache-2.0
//
// The log as it is written: SQLite hands over each page of its log by two writes, the head of the
// frame and the page; a commit of 200 pages is 400 system calls. This VFS (SQLite's name for a file
// system) is the ordinary one but for logs, whose writes it collects while each begins where the
// one before ended. They go out together, at the latest when anybody asks for something else of the
// file: before it is synced, read, measured or cut. So nothing is acknowledged, and no other
// connection hears of a page, before it has been written. Wants synchronous=FULL: without it a
// commit syncs nothing.
#pragma once

namespace vozex::sqlite {

// As much is collected at most, for one log. SQLite writes no more than 131,071 bytes at once.
inline constexpr int k_max_collected = 120 * 1024;

// The name for sqlite3_open_v2(); registers the VFS at first.
const char* collecting_vfs();

}  // namespace vozex::sqlite
