/* A delivery over MQTT: connect with TLS-PSK, publish 100 bytes with QoS 1, wait for the broker's PUBACK, disconnect. One connection for each
   message, one at a time, as ActorChat does it. Counts the processor time of both ends, this process and the broker, after a warm-up.

   mosquitto-client PORT BROKER_PROCESS KEY_IN_HEX DELIVERIES */
#include <mosquitto.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <unistd.h>

#include "account.h"

enum { WARM_UP = 200, PATIENCE_MS = 10000 };

typedef struct {
  bool published, ended, failed;
  char protocol[128];
} Delivery;

static void on_connect(struct mosquitto *client, void *state, int code) {
  Delivery *delivery = state;
  char text[100];
  memset(text, 'x', sizeof text);
  if (code != 0 || mosquitto_publish(client, NULL, "bob", sizeof text, text, 1, false) != MOSQ_ERR_SUCCESS) delivery->failed = true;
}

static void on_publish(struct mosquitto *client, void *state, int id) {
  (void)id;
  Delivery *delivery = state;
  delivery->published = true;
  SSL *tls = mosquitto_ssl_get(client);
  snprintf(delivery->protocol, sizeof delivery->protocol, "%s %s, %s", SSL_get_version(tls), SSL_get_cipher_name(tls),
           SSL_session_reused(tls) ? "PSK" : "no PSK");
  if (mosquitto_disconnect(client) != MOSQ_ERR_SUCCESS) delivery->failed = true;
}

static void on_disconnect(struct mosquitto *client, void *state, int code) {
  (void)client;
  Delivery *delivery = state;
  delivery->ended = true;
  if (code != 0) delivery->failed = true;
}

static Delivery deliver(int port, const char *key) {
  Delivery delivery = {0};
  struct mosquitto *client = mosquitto_new(NULL, true, &delivery);
  if (!client) fail("mosquitto_new failed");
  mosquitto_connect_callback_set(client, on_connect);
  mosquitto_publish_callback_set(client, on_publish);
  mosquitto_disconnect_callback_set(client, on_disconnect);
  if (mosquitto_tls_psk_set(client, key, "alice", NULL) != MOSQ_ERR_SUCCESS) fail("mosquitto_tls_psk_set failed");
  int error = mosquitto_connect(client, "127.0.0.1", port, 60);
  double begin = seconds(CLOCK_MONOTONIC);
  while (error == MOSQ_ERR_SUCCESS && !delivery.ended && !delivery.failed && seconds(CLOCK_MONOTONIC) - begin < PATIENCE_MS / 1e3)
    error = mosquitto_loop(client, PATIENCE_MS, 1);
  if (!delivery.published || !delivery.ended || delivery.failed) {
    fprintf(stderr, "a message was not delivered: %s\n", mosquitto_strerror(error));
    exit(1);
  }
  mosquitto_destroy(client);
  return delivery;
}

int main(int count, char **arguments) {
  if (count != 5) fail("mosquitto-client PORT BROKER_PROCESS KEY_IN_HEX DELIVERIES");
  int port = atoi(arguments[1]);
  pid_t broker = atoi(arguments[2]);
  const char *key = arguments[3];
  long deliveries = atol(arguments[4]);
  mosquitto_lib_init();
  for (int i = 0; i < WARM_UP; i++) deliver(port, key);
  Account account = begin_account(getpid(), broker);
  Delivery last = {0};
  for (long i = 0; i < deliveries; i++) last = deliver(port, key);
  print_account(account, deliveries, last.protocol);
  mosquitto_lib_cleanup();
  return 0;
}
