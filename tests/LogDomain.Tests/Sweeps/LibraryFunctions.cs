using System.Numerics;
using System.Reflection;

namespace LogDomain.Tests.Sweeps;

internal delegate void UnarySpan<T>(ReadOnlySpan<T> x, Span<T> destination);

internal delegate void BinarySpan<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> y, Span<T> destination);

internal delegate void ScaledSpan<T>(ReadOnlySpan<T> x, T parameter, Span<T> destination);

/// <summary>The functions of <see cref="LogMath"/> and their forms for spans by name, so that one list of names serves all types and all tests.</summary>
internal static class LibraryFunctions<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static Func<T, T> Unary(string name) => Method(typeof(LogMath), name, 1).CreateDelegate<Func<T, T>>();

    public static UnarySpan<T> UnarySpan(string name) => Method(typeof(LogPrimitives), name, 2).CreateDelegate<UnarySpan<T>>();

    public static Func<T, T, T> Binary(string name) => Method(typeof(LogMath), name, 2).CreateDelegate<Func<T, T, T>>();

    public static BinarySpan<T> BinarySpan(string name) => Method(typeof(LogPrimitives), name, 3).CreateDelegate<BinarySpan<T>>();

    public static ScaledSpan<T> ScaledSpan(string name) => Method(typeof(LogPrimitives), name, 3).CreateDelegate<ScaledSpan<T>>();

    public static Func<T, T, (T X, T Y)> Gradient(string name) => Method(typeof(LogMath), name, 2).CreateDelegate<Func<T, T, (T X, T Y)>>();

    private static MethodInfo Method(Type type, string name, int parameters) =>
        type.GetMethods().Single(method => method.Name == name && method.IsGenericMethodDefinition && method.GetParameters().Length == parameters)
            .MakeGenericMethod(typeof(T));
}
