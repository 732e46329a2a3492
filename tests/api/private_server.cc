// SPDX-License-Identifier: Apache-2.0
#include "tests/api/private_server.h"

#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <pqxx/pqxx>
#include <stdexcept>
#include <utility>

#include "tests/api/process.h"

namespace vozex::api_test {
namespace {

constexpr const char* k_programs = "/usr/lib/postgresql/15/bin/";
constexpr const char* k_settings = R"(
listen_addresses = '127.0.0.1'
max_connections = 60
shared_buffers = 32MB
jit = off
fsync = off
full_page_writes = off
log_min_messages = warning
wal_level = replica
hot_standby = on
)";

// Runs a program of PostgreSQL to its end; it keeps nothing of ours open but the log.
bool run_program(const std::string& log, std::vector<std::string> words) {
  if (::geteuid() == 0) {
    const std::array as = {"runuser", "-u", "postgres", "--"};
    words.insert(words.begin(), as.begin(), as.end());
  }
  std::string line;
  for (const std::string& word : words) line += "'" + word + "' ";
  line = "cd / && exec " + line + ">>'" + log + "' 2>&1 </dev/null";
  return std::system(line.c_str()) == 0;
}

}  // namespace

bool has_private_servers(std::string& why) {
  why = std::string("there are no programs of PostgreSQL 15 in ") + k_programs;
  return ::access((std::string(k_programs) + "pg_ctl").c_str(), X_OK) == 0;
}

PrivateServer::PrivateServer(Empty, std::string programs) : programs_(std::move(programs)) {
  // As ./dev names its own: should this process be killed, the next ./dev test cleans up.
  char path[] = "/tmp/vozex-postgres.XXXXXX";
  if (::mkdtemp(path) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = path;
  std::error_code ignored;
  const auto space = std::filesystem::read_symlink("/proc/self/ns/pid", ignored);
  write_text(folder_ + "/owner", std::to_string(::getpid()) + " " + space.string() + "\n");
  std::filesystem::permissions(folder_, std::filesystem::perms::all);
}

bool PrivateServer::run(std::vector<std::string> words) const {
  words.front() = programs_ + words.front();
  return run_program(folder_ + "/log", std::move(words));
}

PrivateServer::PrivateServer(const std::vector<std::string>& settings, const std::string& programs)
    : PrivateServer(Empty(), programs.empty() ? k_programs : programs) {
  const std::string data = folder_ + "/data";
  const bool made = run({"initdb",
                         "-D",
                         data,
                         "-U",
                         "super",
                         "--auth=trust",
                         "--encoding=UTF8",
                         "--locale=C.UTF-8",
                         "--no-sync"});
  if (!made) throw std::runtime_error("initdb failed:\n" + log());
  std::string text = read_text(data + "/postgresql.conf") + k_settings;
  text += "unix_socket_directories = '" + folder_ + "'\n";
  for (const std::string& setting : settings) text += setting + "\n";
  write_text(data + "/postgresql.conf", text);
  if (!start()) throw std::runtime_error("PostgreSQL does not start:\n" + log());
}

PrivateServer::~PrivateServer() {
  static_cast<void>(stop("immediate"));
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::unique_ptr<PrivateServer> PrivateServer::standby() const {
  std::unique_ptr<PrivateServer> copy(new PrivateServer(Empty(), programs_));
  const bool copied = copy->run({"pg_basebackup",
                                 "-d",
                                 super_url("postgres") + "?application_name=standby",
                                 "-D",
                                 copy->folder_ + "/data",
                                 "-R",
                                 "-X",
                                 "stream",
                                 "--checkpoint=fast",
                                 "--no-sync"});
  if (!copied) throw std::runtime_error("pg_basebackup failed:\n" + copy->log());
  if (!copy->start()) throw std::runtime_error("the standby does not start:\n" + copy->log());
  copy->has_database_ = has_database_;
  return copy;
}

// Another process may take the port between the look and the start, so try again.
bool PrivateServer::start() {
  for (int tries = 0; tries < 5; ++tries) {
    port_ = free_port();
    if (start_at_port()) return true;
  }
  return false;
}

bool PrivateServer::start_at_port() {
  return run({"pg_ctl",
              "-D",
              folder_ + "/data",
              "-l",
              folder_ + "/server.log",
              "-o",
              "-p " + std::to_string(port_),
              "-w",
              "-t",
              "60",
              "-s",
              "start"});
}

bool PrivateServer::restart(const std::string& mode) {
  return run({"pg_ctl",
              "-D",
              folder_ + "/data",
              "-l",
              folder_ + "/server.log",
              "-m",
              mode,
              "-w",
              "-t",
              "60",
              "-s",
              "restart"});
}

bool PrivateServer::stop(const std::string& mode) {
  return run({"pg_ctl", "-D", folder_ + "/data", "-m", mode, "-w", "-t", "60", "-s", "stop"});
}

bool PrivateServer::promote() {
  return run({"pg_ctl", "-D", folder_ + "/data", "-w", "-t", "60", "-s", "promote"});
}

void PrivateServer::kill() {
  const pid_t server = std::stoi(read_text(folder_ + "/data/postmaster.pid"));
  std::vector<pid_t> all = {server};
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    // "pid (name) state parent ...", where the name may hold anything.
    const std::string line = read_text("/proc/" + name + "/stat");
    const std::size_t end = line.rfind(')');
    if (end == std::string::npos || end + 4 >= line.size()) continue;
    if (std::stoi(line.substr(end + 4)) == server) all.push_back(std::stoi(name));
  }
  for (const pid_t process : all) ::kill(process, SIGKILL);
}

bool PrivateServer::start_again() {
  // Its files are there still, and who looks for the process they name may find somebody.
  std::error_code ignored;
  const std::string socket = folder_ + "/.s.PGSQL." + std::to_string(port_);
  for (const std::string& file : {folder_ + "/data/postmaster.pid", socket, socket + ".lock"}) {
    std::filesystem::remove(file, ignored);
  }
  for (int tries = 0; tries < 20; ++tries) {
    if (start_at_port()) return true;
  }
  return false;
}

std::string PrivateServer::super_url(const std::string& database) const {
  return "postgresql://super@127.0.0.1:" + std::to_string(port_) + "/" + database;
}

std::string PrivateServer::url(const std::string& name) {
  if (!has_database_) {
    execute("CREATE ROLE vozex LOGIN");
    execute("CREATE DATABASE " + name + " OWNER vozex");
    has_database_ = true;
  }
  return "postgresql://vozex@127.0.0.1:" + std::to_string(port_) + "/" + name;
}

std::string PrivateServer::url_of_any(const std::vector<PrivateServer*>& servers) {
  std::string hosts;
  for (PrivateServer* server : servers) {
    hosts += (hosts.empty() ? "" : ",") + ("127.0.0.1:" + std::to_string(server->port()));
  }
  return "postgresql://vozex@" + hosts + "/shop?target_session_attrs=read-write";
}

void PrivateServer::execute(const std::string& sql, const std::string& database) const {
  pqxx::connection connection(super_url(database));
  pqxx::nontransaction work(connection);
  work.exec(sql);
}

long PrivateServer::number(const std::string& sql, const std::string& database) const {
  pqxx::connection connection(super_url(database));
  pqxx::nontransaction work(connection);
  return work.exec(sql)[0][0].as<long>();
}

std::string PrivateServer::text(const std::string& sql, const std::string& database) const {
  pqxx::connection connection(super_url(database));
  pqxx::nontransaction work(connection);
  return work.exec(sql)[0][0].as<std::string>("");
}

std::string PrivateServer::log() const {
  return read_text(folder_ + "/log") + read_text(folder_ + "/server.log");
}

}  // namespace vozex::api_test
