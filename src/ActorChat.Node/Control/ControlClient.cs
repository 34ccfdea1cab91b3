// The other end of the socket in the state folder: hands a message to the node that runs there.

using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using ActorChat.Storage;

namespace ActorChat.Node.Control;

/// <summary>Sends through a node of the same user that is running.</summary>
public static class ControlClient
{
    /// <summary>Connects to the node with this state folder; null when none is running there, or it has no socket.</summary>
    /// <exception cref="UntrustedException">The folder, the socket or the process that listens there is another user's: it would get text and password.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static async Task<Stream?> TryConnectAsync(string statePath, CancellationToken cancel)
    {
        var path = ControlActor.PathIn(statePath);
        if (!Path.Exists(path))
        {
            return null;
        }

        LocalTrust.CheckFolder(Path.GetDirectoryName(path)!);
        LocalTrust.CheckFolder(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
            return PeerUser.IsTrusted(socket)
                ? new NetworkStream(socket, ownsSocket: true)
                : throw new UntrustedException($"another user listens at {path}; name a state folder that only you may write to (--state)");
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            socket.Dispose();
            return null;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Has a message sent and waits for its outcomes.</summary>
    /// <param name="node">From <see cref="TryConnectAsync"/>.</param>
    /// <param name="command">A line as programs write them to <c>--json</c>.</param>
    /// <param name="cancel">Ends the waiting; the node goes on.</param>
    /// <returns>The event lines that the node answers with, one for each recipient, or one that says what is wrong. Fewer when the node ends before.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static async IAsyncEnumerable<JsonElement> SubmitAsync(Stream node, string command, [EnumeratorCancellation] CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(node);
        await node.WriteAsync(Encoding.UTF8.GetBytes(command + "\n"), cancel);
        using var reader = new StreamReader(node, Encoding.UTF8, leaveOpen: true);
        while (await ReadLineAsync(reader, cancel) is { } line)
        {
            yield return JsonElement.Parse(line);
        }
    }

    // A node that is killed resets the connection, which counts as its end.
    private static async Task<string?> ReadLineAsync(StreamReader reader, CancellationToken cancel)
    {
        try
        {
            return await reader.ReadLineAsync(cancel);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
