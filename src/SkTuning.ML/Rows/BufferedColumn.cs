using Microsoft.ML;
using Microsoft.ML.Data;

namespace SkTuning.ML;

/// <summary>The values of an input column in the rows that a cursor has read ahead.</summary>
internal abstract class BufferedColumn
{
    /// <summary>Creates the buffer of a column of a row, of whatever type.</summary>
    public static BufferedColumn Create(DataViewRow row, DataViewSchema.Column column, int capacity)
    {
        var type = column.Type.RawType;
        var buffer = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(VBuffer<>)
            ? typeof(Vectors<>).MakeGenericType(type.GetGenericArguments())
            : typeof(Values<>).MakeGenericType(type);
        return (BufferedColumn)Activator.CreateInstance(buffer, row, column, capacity)!;
    }

    /// <summary>Reads the current row's value.</summary>
    public abstract void Read(int index);

    /// <summary>Returns the getter of the value at the current index.</summary>
    public abstract Delegate Getter(Func<int> current);

    private sealed class Values<T>(DataViewRow row, DataViewSchema.Column column, int capacity) : BufferedColumn
    {
        private readonly ValueGetter<T> _getter = row.GetGetter<T>(column);
        private readonly T[] _values = new T[capacity];

        public override void Read(int index) => _getter(ref _values[index]);

        public override Delegate Getter(Func<int> current) => (ValueGetter<T>)((ref T value) => value = _values[current()]);
    }

    /// <summary>Vectors are copied, because a caller may write to the one that it gets.</summary>
    private sealed class Vectors<T>(DataViewRow row, DataViewSchema.Column column, int capacity) : BufferedColumn
    {
        private readonly ValueGetter<VBuffer<T>> _getter = row.GetGetter<VBuffer<T>>(column);
        private readonly VBuffer<T>[] _values = new VBuffer<T>[capacity];

        public override void Read(int index) => _getter(ref _values[index]);

        public override Delegate Getter(Func<int> current) => (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) => _values[current()].CopyTo(ref value));
    }
}
