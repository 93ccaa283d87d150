#include "tests/whatsapp_sim/protocol/serve_client.h"

#include <utility>

#include "tests/whatsapp_sim/protocol/rules.h"
#include "tests/whatsapp_sim/protocol/server_connection.h"
#include "tests/whatsapp_sim/protocol/server_transport.h"
#include "tests/whatsapp_sim/protocol/session.h"

namespace portrait::sim {

namespace asio = boost::asio;

asio::awaitable<void> ServeClient(Network* network,
                                  asio::ip::tcp::socket socket,
                                  std::shared_ptr<asio::ssl::context> tls) {
  const asio::any_io_executor strand = socket.get_executor();
  absl::StatusOr<std::unique_ptr<ServerTransport>> transport =
      co_await AcceptWebSocket(std::move(socket), std::move(tls));
  if (!transport.ok()) {
    if (absl::IsInvalidArgument(transport.status())) {
      network->protocol_errors.Report("a client", transport.status());
    }
    co_return;
  }
  auto connection =
      std::make_shared<ServerConnection>(strand, *std::move(transport));
  // A variable, because GCC 12 destroys braced temporaries in a co_await twice.
  whatsapp::NoiseServerHandshake::Options identity =
      network->noise_identity.Get();
  const absl::StatusOr<whatsapp::NoiseServerHandshake::Client> client =
      co_await connection->ShakeHands(std::move(identity));
  if (!client.ok()) {
    if (!absl::IsUnavailable(client.status())) {
      const bool named = RuleOf(client.status()).has_value();
      network->protocol_errors.Report(
          "a client",
          named ? client.status()
                : Broken(Rule::kHandshake, client.status().message()));
    }
    connection->Close();
    co_return;
  }
  network->stats.Count(connection->pattern());
  auto session = std::make_shared<Session>(*network, connection);
  network->sessions.Add(session);
  session->Start(*client);
  for (;;) {
    const absl::StatusOr<whatsapp::Node> stanza =
        co_await connection->Receive();
    if (stanza.ok()) {
      session->OnStanza(*stanza);
    } else if (absl::IsInvalidArgument(stanza.status())) {
      session->OnMalformed(stanza.status().message());
    } else {
      break;
    }
  }
  session->OnEnd();
  network->sessions.Remove(session.get());
  connection->Close();
}

}  // namespace portrait::sim
