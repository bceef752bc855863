namespace LogDomain.Tests.Testing;

/// <summary>Arguments that are refused with an exception that names the parameter, what it is and what was expected.</summary>
internal static class Refused
{
    public static void Assert(string parameter, string value, string expected, Action action)
    {
        ArgumentException error = Xunit.Assert.ThrowsAny<ArgumentException>(action);
        Xunit.Assert.Equal(parameter, error.ParamName);
        Xunit.Assert.Contains(value, error.Message, StringComparison.Ordinal);
        Xunit.Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }
}
