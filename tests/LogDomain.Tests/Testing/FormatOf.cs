using LogDomain.Tests.Oracle;

namespace LogDomain.Tests.Testing;

/// <summary>The format of an element type.</summary>
internal static class FormatOf<T>
{
    public static readonly Format Value =
        typeof(T) == typeof(double) ? Format.Binary64
        : typeof(T) == typeof(float) ? Format.Binary32
        : typeof(T) == typeof(Half) ? Format.Binary16 : Format.BFloat16;
}
