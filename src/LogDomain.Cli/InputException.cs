namespace LogDomain.Cli;

/// <summary>Input that cannot be used: one line that names the file, the place and the reason. Ends the tool with exit code 2.</summary>
public sealed class InputException(string message) : Exception(message);
