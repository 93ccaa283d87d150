#include "server/cluster_flags.h"

#include <algorithm>
#include <string>

#include <boost/asio/ip/address.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace portrait {
namespace {

constexpr size_t kMaxNameBytes = 100;
constexpr size_t kMaxHostBytes = 253;
constexpr absl::Duration kLeastSessionTimeout = absl::Seconds(1);

// What a topic and a member of a group may be called.
bool IsName(absl::string_view text) {
  return !text.empty() && text.size() <= kMaxNameBytes &&
         text.find_first_not_of('.') != absl::string_view::npos &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
         });
}

bool ParseName(const std::string& text, std::string* name) {
  *name = text;
  return IsName(text);
}

// An IPv6 address stands without brackets.
bool IsHost(const std::string& text) {
  boost::system::error_code ec;
  boost::asio::ip::make_address(text, ec);
  if (!ec) return true;
  return !text.empty() && text.size() <= kMaxHostBytes &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '.' || c == '-' || c == '_';
         });
}

}  // namespace

void AddClusterFlags(Flags& flags, Config& config) {
  constexpr char kNameExpected[] =
      "up to 100 letters, digits, dots, hyphens and underscores";
  cluster::ClusterOptions& options = config.cluster;
  flags.Group("Cluster");
  flags.Text(
      "--kafka", "HOST:PORT,…", &options.brokers,
      "Kafka brokers of the cluster that this server joins as a node. If "
      "unset, the server runs alone");
  flags.Parsed(
      "--cluster-name", "NAME", options.name, kNameExpected,
      [&options](const std::string& text) {
        return ParseName(text, &options.name);
      },
      "Prefix of the cluster's topics, and the name of its consumer group");
  flags.Parsed(
      "--node-name", "NAME", "", kNameExpected,
      [&options](const std::string& text) {
        return ParseName(text, &options.node);
      },
      "Name of this node, unique in the cluster; required with --kafka");
  flags.Parsed(
      "--advertise", "HOST", "", "a host name or an IP address, without a port",
      [&config](const std::string& text) {
        config.advertise = text;
        return IsHost(text);
      },
      "Host under which other nodes reach this one; the ports are those of "
      "--listen and --http-listen. If unset, the host of --listen is used, or "
      "the machine's name if that is not the address of one machine");
  flags.Text("--cluster-key", "FILE", &config.cluster_key_file,
             "File with the cluster's key, the same on all nodes; the first "
             "node makes it. It encrypts the linked accounts in place of "
             "--key-file. If unset, cluster.key in the data folder is used");
  flags.Text(
      "--kafka-config", "FILE", &options.kafka_config,
      "File of settings for librdkafka, such as those of TLS and SASL, as "
      "lines of NAME=VALUE. If unset, librdkafka's defaults apply");
  flags.Count(
      "--cluster-partitions", "COUNT", 1, cluster::kMaxPartitions,
      &options.partitions,
      "Number of partitions of the contacts topic, if this node creates it");
  flags.Duration("--cluster-session-timeout", &options.session_timeout,
                 "Time without a heartbeat after which another node takes over "
                 "this node's partitions");
}

absl::Status CheckClusterFlags(const Config& config) {
  const cluster::ClusterOptions& options = config.cluster;
  if (options.brokers.empty()) {
    if (options.node.empty() && options.kafka_config.empty() &&
        config.cluster_key_file.empty() && config.advertise.empty()) {
      return absl::OkStatus();
    }
    return absl::InvalidArgumentError(
        "--node-name, --cluster-key, --kafka-config, --advertise: expected "
        "--kafka, too");
  }
  if (options.node.empty()) {
    return absl::InvalidArgumentError(
        "--node-name: expected with --kafka, a name that no other node has");
  }
  if (!config.key_file.empty()) {
    return absl::InvalidArgumentError(
        "--key-file: not with --kafka; --cluster-key encrypts the accounts, "
        "which all nodes share");
  }
  if (config.store.retention != absl::InfiniteDuration()) {
    return absl::InvalidArgumentError(
        "--retention: not with --kafka, because copies would erase contacts at "
        "different times");
  }
  if (!config.restore_from.empty()) {
    return absl::InvalidArgumentError(
        "--restore: not with --kafka; a node with an empty data folder is "
        "filled from the log");
  }
  if (absl::StartsWith(config.server.listen, "unix:") ||
      absl::StartsWith(config.http.listen, "unix:")) {
    return absl::InvalidArgumentError(
        "--listen, --http-listen: with --kafka expected HOST:PORT, because "
        "other nodes connect to it");
  }
  if (options.session_timeout >= kLeastSessionTimeout) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "--cluster-session-timeout: expected at least 1s");
}

}  // namespace portrait
