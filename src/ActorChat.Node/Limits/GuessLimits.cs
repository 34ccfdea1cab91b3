// How often a wrong password is taken without making the next one wait; hocon/actorchat.conf explains each.

namespace ActorChat.Node.Limits;

/// <summary>The limits under <c>guesses</c>.</summary>
/// <param name="Free"><c>free</c>.</param>
/// <param name="ForgetAfter"><c>forget-after</c>.</param>
/// <param name="MaxWait"><c>max-wait</c>.</param>
/// <param name="Remembered"><c>remembered</c>.</param>
public sealed record GuessLimits(int Free, TimeSpan ForgetAfter, TimeSpan MaxWait, int Remembered);
