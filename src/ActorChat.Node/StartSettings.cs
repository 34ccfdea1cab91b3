// What a user would otherwise say at each start, kept in the settings file.

namespace ActorChat.Node;

/// <summary>The settings under <c>actorchat.start</c>. The command line overrides them.</summary>
/// <param name="Name">Our own name, where the directory has no entry that is this node; null for none.</param>
/// <param name="Port">The port to listen on, or to offer where it is asked for.</param>
/// <param name="Address">Where others reach this node; null when unknown.</param>
/// <param name="Directory">The directory file; empty for the user's own.</param>
/// <param name="State">The state folder; empty for the one of the name.</param>
public sealed record StartSettings(string? Name, int Port, HostPort? Address, string Directory, string State);
