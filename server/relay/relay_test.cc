#include "server/relay/relay.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/connections.h"
#include "server/io_threads.h"
#include "server/listen_address.h"
#include "tests/support/eventually.h"
#include "tests/support/test_deadline.h"

namespace portrait::relay {
namespace {

sockaddr_in Loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// A connected socket; each wait has the deadline of a test.
class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {
    fcntl(descriptor_, F_SETFL, O_NONBLOCK);
  }
  Socket(Socket&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&&) = delete;
  ~Socket() { Close(); }

  static Socket ConnectTo(const ListenAddress& address) {
    Socket made(socket(AF_INET, SOCK_STREAM, 0));
    const sockaddr_in to = Loopback(address.port);
    (void)connect(made.descriptor_, reinterpret_cast<const sockaddr*>(&to),
                  sizeof(to));
    EXPECT_TRUE(made.Wait(POLLOUT));
    return made;
  }

  void Send(const std::string& bytes) {
    for (size_t sent = 0; sent < bytes.size();) {
      ASSERT_TRUE(Wait(POLLOUT));
      const ssize_t n = send(descriptor_, bytes.data() + sent,
                             bytes.size() - sent, MSG_NOSIGNAL);
      ASSERT_GT(n, 0) << errno;
      sent += static_cast<size_t>(n);
    }
  }
  // Writes until the kernel takes no more; returns the number of bytes.
  size_t Fill() {
    const std::string block(64 << 10, 'x');
    size_t all = 0;
    pollfd poll_of = {descriptor_, POLLOUT, 0};
    // Bytes move on for a moment after the first refusal.
    while (poll(&poll_of, 1, /*timeout=*/200) > 0) {
      const ssize_t n = send(descriptor_, block.data(), block.size(),
                             MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n > 0) all += static_cast<size_t>(n);
    }
    return all;
  }
  std::string Receive(size_t count) {
    std::string all;
    while (all.size() < count) {
      std::string part(count - all.size(), ' ');
      if (!Wait(POLLIN)) break;
      const ssize_t n = recv(descriptor_, part.data(), part.size(), 0);
      if (n <= 0) break;
      all += part.substr(0, static_cast<size_t>(n));
    }
    return all;
  }
  // The peer has closed the connection, or its side of it.
  bool Ends() {
    char byte = 0;
    return Wait(POLLIN) && recv(descriptor_, &byte, 1, 0) <= 0;
  }
  void StopSending() { shutdown(descriptor_, SHUT_WR); }
  void Close() {
    if (descriptor_ >= 0) close(std::exchange(descriptor_, -1));
  }

 private:
  bool Wait(short event) {
    pollfd poll_of = {descriptor_, event, 0};
    return poll(&poll_of, 1,
                static_cast<int>(absl::ToInt64Milliseconds(kTestDeadline))) > 0;
  }

  int descriptor_;
};

// The server that is relayed to.
class Listener {
 public:
  Listener() : descriptor_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = Loopback(0);
    socklen_t size = sizeof(address);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(0, bind(descriptor_, any, size));
    EXPECT_EQ(0, listen(descriptor_, 16));
    EXPECT_EQ(0, getsockname(descriptor_, any, &size));
    address_ = absl::StrCat("127.0.0.1:", ntohs(address.sin_port));
  }
  ~Listener() { close(descriptor_); }

  const std::string& address() const { return address_; }
  Socket Accept() {
    pollfd poll_of = {descriptor_, POLLIN, 0};
    EXPECT_EQ(1,
              poll(&poll_of, 1,
                   static_cast<int>(absl::ToInt64Milliseconds(kTestDeadline))));
    return Socket(accept(descriptor_, nullptr, nullptr));
  }

 private:
  const int descriptor_;
  std::string address_;
};

class RelayTest : public testing::Test {
 protected:
  void Open(RelayOptions options = {}) {
    relay_ = Relay::Make(io_.context(), options);
    port_ = *Connections::Listen(io_.context(), "--listen",
                                 *ParseListenAddress("127.0.0.1:0"),
                                 /*reserved=*/0);
    port_->PassTo([relay = relay_](int fd) { relay->Accept(fd); });
  }
  ~RelayTest() override {
    if (port_ != nullptr) port_->Stop();
    if (relay_ != nullptr) relay_->CloseAll();
    io_.Stop();
  }
  Socket Connect() { return Socket::ConnectTo(port_->address()); }

  IoThreads io_{1};
  std::shared_ptr<Relay> relay_;
  std::shared_ptr<Connections> port_;
};

TEST_F(RelayTest, BytesPassInBothDirections) {
  Listener target;
  Open();
  relay_->SetTarget(target.address());
  Socket client = Connect();
  Socket server = target.Accept();
  const std::string large(3 << 20, 'a');
  std::thread sender([&] { client.Send(large); });
  EXPECT_EQ(large, server.Receive(large.size()));
  sender.join();
  server.Send("answer");
  EXPECT_EQ("answer", client.Receive(6));
  EXPECT_EQ(large.size() + 6, relay_->stats().bytes);
}

TEST_F(RelayTest, TheEndOfOneDirectionIsPassedOnAndTheOtherContinues) {
  Listener target;
  Open();
  relay_->SetTarget(target.address());
  Socket client = Connect();
  Socket server = target.Accept();
  client.Send("all");
  client.StopSending();
  EXPECT_EQ("all", server.Receive(3));
  EXPECT_TRUE(server.Ends());
  server.Send("late answer");
  EXPECT_EQ("late answer", client.Receive(11));
  EXPECT_EQ(1, relay_->stats().open);
  server.Close();
  EXPECT_TRUE(client.Ends());
  EXPECT_TRUE(Eventually([&] { return relay_->stats().open == 0; }));
}

TEST_F(RelayTest, ASlowReaderHoldsOnlyItsOwnConnection) {
  Listener target;
  Open();
  relay_->SetTarget(target.address());
  Socket slow = Connect();
  Socket slow_server = target.Accept();
  const size_t sent = slow_server.Fill();
  EXPECT_GT(sent, 0);

  Socket other = Connect();
  Socket other_server = target.Accept();
  other_server.Send("at once");
  EXPECT_EQ("at once", other.Receive(7));
  // The opposite direction of the slow one passes, too.
  slow.Send("still");
  EXPECT_EQ("still", slow_server.Receive(5));
  // And nothing is lost.
  EXPECT_EQ(std::string(sent, 'x'), slow.Receive(sent));
}

TEST_F(RelayTest, AConnectionWaitsForATarget) {
  Listener target;
  Open();
  Socket client = Connect();
  client.Send("early");
  ASSERT_TRUE(Eventually([&] { return relay_->stats().open == 1; }));
  relay_->SetTarget(target.address());
  EXPECT_EQ("early", target.Accept().Receive(5));
}

TEST_F(RelayTest, AConnectionIsClosedIfNoTargetIsReachedInTime) {
  RelayOptions options;
  options.target_wait = absl::Milliseconds(200);
  Open(options);
  EXPECT_TRUE(Connect().Ends());  // no target
  std::string gone;
  {
    Listener closed;
    gone = closed.address();
  }
  relay_->SetTarget(gone);
  EXPECT_TRUE(Connect().Ends());  // its port is closed
  relay_->SetTarget("no.such.host.invalid:1");
  EXPECT_TRUE(Connect().Ends());
  EXPECT_TRUE(Eventually([&] { return relay_->stats().unreachable == 3; }));
}

TEST_F(RelayTest, AConnectionBeyondTheLimitIsClosed) {
  Listener target;
  RelayOptions options;
  options.max_connections = 1;
  Open(options);
  relay_->SetTarget(target.address());
  Socket first = Connect();
  Socket first_server = target.Accept();
  EXPECT_TRUE(Connect().Ends());
  EXPECT_EQ(1, relay_->stats().refused);
  first.Send("first");
  EXPECT_EQ("first", first_server.Receive(5));
  first.Close();
  ASSERT_TRUE(Eventually([&] { return relay_->stats().open == 1; }));
  first_server.Close();
  ASSERT_TRUE(Eventually([&] { return relay_->stats().open == 0; }));
  Connect().Send("next");
  EXPECT_EQ("next", target.Accept().Receive(4));
}

TEST_F(RelayTest, TheEndOfATargetEndsItsConnections) {
  Listener target;
  Open();
  relay_->SetTarget(target.address());
  Socket client = Connect();
  target.Accept().Close();
  EXPECT_TRUE(client.Ends());
}

TEST_F(RelayTest, AnotherTargetEndsConnectionsToTheFormerOne) {
  Listener former;
  Listener next;
  Open();
  relay_->SetTarget(former.address());
  Socket client = Connect();
  Socket server = former.Accept();
  // The former one may still answer while none is known.
  relay_->SetTarget(std::nullopt);
  server.Send("ok");
  EXPECT_EQ("ok", client.Receive(2));
  relay_->SetTarget(next.address());
  EXPECT_TRUE(client.Ends());
  EXPECT_TRUE(server.Ends());
  Connect().Send("again");
  EXPECT_EQ("again", next.Accept().Receive(5));
}

TEST_F(RelayTest, ATargetThatIsThisPortEndsTheConnection) {
  Open();
  relay_->SetTarget(port_->address().ToString());
  EXPECT_TRUE(Connect().Ends());
  EXPECT_EQ(1, relay_->stats().refused);
  EXPECT_EQ(2, relay_->stats().accepted);
}

TEST_F(RelayTest, WaitingConnectionsCanBeServedByAnotherServer) {
  Open();
  Socket client = Connect();
  client.Send("early");
  ASSERT_TRUE(Eventually([&] { return relay_->stats().open == 1; }));
  port_->PassTo(nullptr);
  std::vector<int> waiting = relay_->CloseAll();
  ASSERT_EQ(1, waiting.size());
  std::optional<Socket> served;
  for (const int descriptor : waiting) port_->Pass(descriptor);
  port_->PassTo([&](int descriptor) { served.emplace(descriptor); });
  ASSERT_TRUE(served.has_value());
  EXPECT_EQ("early", served->Receive(5));
  served->Send("answer");
  EXPECT_EQ("answer", client.Receive(6));
}

}  // namespace
}  // namespace portrait::relay
