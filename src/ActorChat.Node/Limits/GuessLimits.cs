// How many wrong passwords are free, and how long the next ones wait; hocon/actorchat.conf explains each setting.

namespace ActorChat.Node.Limits;

/// <summary>The limits under <c>guesses</c>.</summary>
/// <param name="Free"><c>free</c>.</param>
/// <param name="ForgetAfter"><c>forget-after</c>.</param>
/// <param name="MaxWait"><c>max-wait</c>.</param>
/// <param name="Remembered"><c>remembered</c>.</param>
public sealed record GuessLimits(int Free, TimeSpan ForgetAfter, TimeSpan MaxWait, int Remembered);
