// The wire between the two nodes of the demo: a relay on 127.0.0.1 that shows the type and the size of each PDU, as anybody between two nodes
// can see them. It passes every byte on as it came.

using System.Net;
using System.Net.Sockets;
using ActorChat.Protocol.Pdus;

namespace ActorChat.Demo;

/// <summary>Relays one conversation after another to a port and reports each PDU.</summary>
/// <param name="target">The responder's port.</param>
/// <param name="seen">Called for each PDU: whether it is from the responder, its type, its size in bytes.</param>
internal sealed class DemoWire(int target, Action<bool, MsgType, int> seen) : IDisposable
{
    private const int MaxPduSize = 1 << 20;

    private readonly TcpListener _listener = new(IPAddress.Loopback, port: 0);

    /// <summary>The port to call in the responder's place.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Starts to listen.</summary>
    public void Start()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                using var initiator = await _listener.AcceptSocketAsync();
                using var responder = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await responder.ConnectAsync(IPAddress.Loopback, target);
                await Task.WhenAll(PassOnAsync(initiator, responder, isFromResponder: false), PassOnAsync(responder, initiator, isFromResponder: true));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // the end of the demo
        }
    }

    private async Task PassOnAsync(Socket from, Socket to, bool isFromResponder)
    {
        var framer = new PduFramer(MaxPduSize);
        var buffer = new byte[4096];
        while (await from.ReceiveAsync(buffer) is var count and > 0)
        {
            framer.Append(buffer.AsSpan(0, count));
            while (framer.Read(out var frame) == Framing.Complete)
            {
                if (PduReader.Read(frame, PduFormat.Modern, out var pdu) == Verdict.Accept)
                {
                    seen(isFromResponder, pdu!.Type, frame.Length);
                }
            }

            await to.SendAsync(buffer.AsMemory(0, count));
        }

        to.Shutdown(SocketShutdown.Send);
    }
}
