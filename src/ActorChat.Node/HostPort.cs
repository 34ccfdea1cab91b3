// A host and a port in one word. The node reads such words only here; Storage and Conformance, which do not depend on it, write their own.

using System.Globalization;
using System.Net;

namespace ActorChat.Node;

/// <summary>A host and a port, as in <c>example.org:5002</c>, <c>10.0.0.7:5002</c> or <c>[::1]:5002</c>.</summary>
/// <param name="Host">Without brackets.</param>
/// <param name="Port">1 to 65,535.</param>
public sealed record HostPort(string Host, int Port)
{
    /// <summary>Reads what a user typed; null when it is not a host and a port.</summary>
    public static HostPort? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
        {
            return null;
        }

        var host = text[..colon];
        if (host.StartsWith('[') && host.EndsWith(']'))
        {
            var inner = host[1..^1];
            return inner.Contains(':', StringComparison.Ordinal) && !inner.Contains('[', StringComparison.Ordinal) && IPAddress.TryParse(inner, out _)
                ? new HostPort(inner, port)
                : null;
        }

        return Uri.CheckHostName(host) is UriHostNameType.Dns or UriHostNameType.IPv4 ? new HostPort(host, port) : null;
    }

    /// <summary>Host and port, an IPv6 address in brackets.</summary>
    public static string Format(string host, int port)
    {
        ArgumentNullException.ThrowIfNull(host);
        return host.Contains(':', StringComparison.Ordinal) ? $"[{host}]:{port}" : $"{host}:{port}";
    }

    /// <inheritdoc/>
    public override string ToString() => Format(Host, Port);
}
