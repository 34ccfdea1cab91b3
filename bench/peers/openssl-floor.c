/* The floor: what a delivery costs where there is next to nothing around the cryptography. TLS 1.3 with an external PSK and X25519, one request
   of 100 bytes, one reply of one byte, both ends close; no disk. One connection for each, one at a time. The server is a second process, so both
   ends are counted as two nodes are.

   openssl-floor DELIVERIES */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "account.h"

enum { WARM_UP = 200, REQUEST = 100 };

static const unsigned char key[32] = "thirty-two bytes for both ends.";
static const unsigned char cipher[] = {0x13, 0x01}; /* TLS_AES_128_GCM_SHA256: the hash that an external PSK has unless told otherwise */

static void must(int good, const char *what) {
  if (good <= 0) {
    ERR_print_errors_fp(stderr);
    fail(what);
  }
}

static SSL_SESSION *psk_session(SSL *tls) {
  SSL_SESSION *session = SSL_SESSION_new();
  must(session && SSL_SESSION_set1_master_key(session, key, sizeof key) && SSL_SESSION_set_cipher(session, SSL_CIPHER_find(tls, cipher)) &&
           SSL_SESSION_set_protocol_version(session, TLS1_3_VERSION),
       "the PSK cannot be set");
  return session;
}

static int use(SSL *tls, const EVP_MD *hash, const unsigned char **identity, size_t *length, SSL_SESSION **session) {
  (void)hash;
  *identity = (const unsigned char *)"alice";
  *length = 5;
  *session = psk_session(tls);
  return 1;
}

static int find(SSL *tls, const unsigned char *identity, size_t length, SSL_SESSION **session) {
  *session = length == 5 && memcmp(identity, "alice", 5) == 0 ? psk_session(tls) : NULL;
  return 1;
}

static SSL_CTX *context(const SSL_METHOD *method) {
  SSL_CTX *context = SSL_CTX_new(method);
  must(context && SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) && SSL_CTX_set1_groups_list(context, "X25519") &&
           SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256") && SSL_CTX_set_num_tickets(context, 0),
       "the context cannot be made");
  return context;
}

static void no_delay(int socket) {
  int on = 1;
  if (setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) fail("setsockopt failed");
}

static void serve(int listener) {
  SSL_CTX *server = context(TLS_server_method());
  SSL_CTX_set_psk_find_session_callback(server, find);
  for (;;) {
    int socket = accept(listener, NULL, NULL);
    if (socket < 0) fail("accept failed");
    no_delay(socket);
    SSL *tls = SSL_new(server);
    char request[REQUEST];
    must(SSL_set_fd(tls, socket), "SSL_set_fd");
    must(SSL_accept(tls), "SSL_accept");
    must(SSL_read(tls, request, sizeof request) == REQUEST, "the request is not whole");
    must(SSL_write(tls, "+", 1), "SSL_write");
    SSL_shutdown(tls);
    SSL_free(tls);
    close(socket);
  }
}

static void deliver(SSL_CTX *client, const struct sockaddr_in *address, char *protocol, size_t size) {
  int socket_ = socket(AF_INET, SOCK_STREAM, 0);
  if (socket_ < 0 || connect(socket_, (const struct sockaddr *)address, sizeof *address) != 0) fail("connect failed");
  no_delay(socket_);
  SSL *tls = SSL_new(client);
  char request[REQUEST], reply;
  memset(request, 'x', sizeof request);
  must(SSL_set_fd(tls, socket_), "SSL_set_fd");
  must(SSL_connect(tls), "SSL_connect");
  must(SSL_session_reused(tls), "the PSK was not used");
  must(SSL_write(tls, request, sizeof request), "SSL_write");
  must(SSL_read(tls, &reply, 1) == 1, "no reply");
  snprintf(protocol, size, "%s %s, PSK, X25519", SSL_get_version(tls), SSL_get_cipher_name(tls));
  SSL_shutdown(tls);
  SSL_free(tls);
  close(socket_);
}

int main(int count, char **arguments) {
  if (count != 2) fail("openssl-floor DELIVERIES");
  long deliveries = atol(arguments[1]);
  signal(SIGPIPE, SIG_IGN);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) != 0 || listen(listener, 16) != 0 ||
      getsockname(listener, (struct sockaddr *)&address, &length) != 0)
    fail("cannot listen");
  pid_t server = fork();
  if (server < 0) fail("fork failed");
  if (server == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* it does not outlive the client, however that ends */
    serve(listener);
  }
  close(listener);
  SSL_CTX *client = context(TLS_client_method());
  SSL_CTX_set_psk_use_session_callback(client, use);
  char protocol[128];
  for (int i = 0; i < WARM_UP; i++) deliver(client, &address, protocol, sizeof protocol);
  Account account = begin_account(getpid(), server);
  for (long i = 0; i < deliveries; i++) deliver(client, &address, protocol, sizeof protocol);
  print_account(account, deliveries, protocol);
  SSL_CTX_free(client);
  kill(server, SIGKILL);
  waitpid(server, NULL, 0);
  return 0;
}
